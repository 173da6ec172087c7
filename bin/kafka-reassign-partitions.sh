#!/bin/sh
# Runs the command of Klamm that this file is named after. The binary is $KLAMM_BINARY, else `klamm`
# in the folder above this one, else what `cargo build --release` has made there, else `klamm` on the
# PATH. Every launcher has these same lines.

self=$0
while [ -h "$self" ]; do
  link=$(readlink "$self") || exit 1
  case $link in
    /*) self=$link ;;
    *) self=$(dirname "$self")/$link ;;
  esac
done
home=$(cd "$(dirname "$self")/.." && pwd -P) || exit 1
name=$(basename "$self" .sh)

for binary in "$KLAMM_BINARY" "$home/klamm" "$home/target/release/klamm" "$(command -v klamm)"; do
  if [ -f "$binary" ] && [ -x "$binary" ]; then
    exec "$binary" "${name#kafka-}" "$@"
  fi
done
echo "No klamm binary in $home or on the PATH; run \`cargo build --release\`, or set KLAMM_BINARY." >&2
exit 1
