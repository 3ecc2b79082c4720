#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# Unpack the FFmpeg 7 headers of Debian 13 into a folder, without a change to the system.
# usage: fetch_ffmpeg7.sh FOLDER        exit code 77: this machine has no Debian sources to ask
set -euo pipefail

mkdir -p "$1"
root=$(cd "$1" && pwd)
keys=/usr/share/keyrings/debian-archive-keyring.gpg
libraries=(libavcodec libavfilter libavformat libavutil libswresample libswscale)

mirror=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
  sed -n 's/^\(.*\/debian\/\) main$/\1/p' | head -n 1)
if [[ -z $mirror || ! -e $keys ]]; then
  echo "SKIP: apt's sources name no Debian archive, or $keys is missing"
  exit 77
fi

mkdir -p "$root"/apt/{parts,state/lists/partial,cache/archives/partial}
touch "$root/apt/status"
echo "deb [signed-by=$keys] $mirror trixie main" > "$root/apt/parts/trixie.list"
cat > "$root/apt/apt.conf" <<END
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$root/apt/parts";
Dir::State "$root/apt/state";
Dir::State::status "$root/apt/status";
Dir::Cache "$root/apt/cache";
APT::Sandbox::User "";
END
export APT_CONFIG=$root/apt/apt.conf
apt-get -qq update
(cd "$root/apt/cache" && apt-get -qq download "${libraries[@]/%/-dev}")
for package in "$root"/apt/cache/lib*.deb; do dpkg-deb -x "$package" "$root"; done
# Only the headers are here, not the libraries that FFmpeg itself is linked with.
sed -i '/^\(Requires\|Libs\)\.private/d' "$root"/usr/lib/*/pkgconfig/*.pc
