@echo off
rem Runs the command of Klamm that this file is named after. The binary is %KLAMM_BINARY%, else
rem klamm.exe two folders above this one, else klamm.exe on the PATH. Every launcher has these lines.
setlocal
set "KLAMM_COMMAND=%~n0"
set "KLAMM_COMMAND=%KLAMM_COMMAND:kafka-=%"
if not defined KLAMM_BINARY if exist "%~dp0..\..\klamm.exe" set "KLAMM_BINARY=%~dp0..\..\klamm.exe"
if not defined KLAMM_BINARY set "KLAMM_BINARY=klamm.exe"
"%KLAMM_BINARY%" %KLAMM_COMMAND% %*
exit /b %ERRORLEVEL%
