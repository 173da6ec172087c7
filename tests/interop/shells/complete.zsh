# Completes each line of standard input in an interactive zsh, as the Tab key does, and prints what stands
# there then. usage: zsh -f complete.zsh ROOT FOLDER, with zsh unpacked into ROOT, and `_klamm` in FOLDER.

root=$1 folder=$2
module_path=($root/usr/lib/*/zsh/*)
loaded=$module_path[1]
zmodload zsh/zpty
while IFS= read -r line; do
  zpty inner "TERM=dumb $root/bin/zsh -f -i"
  zpty -w inner "PS1=; module_path=(${(q)loaded}); fpath=(${(q)folder} ${(q)root}/usr/share/zsh/functions/**/*(/))"
  zpty -w inner 'autoload -Uz compinit; compinit -u -D'
  zpty -w inner 'complete() { zle complete-word; print -r -- "<$BUFFER>"; exit }; zle -N complete; bindkey "^I" complete; print rea""dy'
  zpty -r inner text '*ready*'
  zpty -n -w inner "$line"$'\t'
  zpty -r inner text '*<*>*'
  print -r -- "${${text##*<}%%>*}"
  zpty -d inner
done
