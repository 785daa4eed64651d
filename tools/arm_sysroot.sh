#!/usr/bin/env bash
# Gathers what a build for 64-bit ARM needs besides a compiler, in a folder of its own; the machine's packages stay as they
# are, and no other architecture has to be known to them.
#
#   arm_sysroot.sh FOLDER PYTHON REQUIREMENTS PACKAGE…
#
# FOLDER/root   the named packages of the machine's own release of Debian, with all that they need, unpacked
# FOLDER/wheel  pyarrow for ARM, of the version that REQUIREMENTS names, unpacked
set -euo pipefail

folder=$1 python=$2 requirements=$3
shift 3
wanted=$(printf '%s\n' "$(grep '^pyarrow==' "$requirements")" "$@")
[[ ! -f $folder/contents || $(<"$folder/contents") != "$wanted" ]] || exit 0

rm -rf "$folder"
mkdir -p "$folder"/apt/{lists/partial,archives/partial} "$folder/root" "$folder/wheel"
folder=$(cd -- "$folder" && pwd)
touch "$folder/apt/status"

# An apt that believes that it runs on ARM and that nothing is installed.
options=(-q -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o "Dir::State=$folder/apt"
  -o "Dir::State::status=$folder/apt/status" -o "Dir::Cache=$folder/apt" -o Debug::NoLocking=1 -o APT::Sandbox::User=)
apt-get "${options[@]}" update </dev/null >&2
apt-get "${options[@]}" install -y --no-install-recommends --download-only "$@" </dev/null >&2
for archive in "$folder"/apt/archives/*.deb; do
  dpkg -x "$archive" "$folder/root"
done
# Links that begin at the root would lead out of the folder.
find "$folder/root" -lname '/*' -printf '%p %l\n' |
  while read -r link target; do ln -sfnr "$folder/root$target" "$link"; done

"$python" -m pip download -q --no-input --no-deps --only-binary=:all: --platform manylinux_2_28_aarch64 \
  -d "$folder/apt" "$(head -n 1 <<<"$wanted")" </dev/null >&2
"$python" -m zipfile -e "$folder"/apt/pyarrow-*.whl "$folder/wheel"
rm -rf "$folder/apt"
printf '%s\n' "$wanted" >"$folder/contents"
