#!/bin/bash -eu
# Builds every fuzz target into $OUT, with its seeds, its dictionary and its options. The container sets $SRC,
# $OUT, $SANITIZER, $FUZZING_ENGINE, and $CC and $CFLAGS, with which libsecp256k1 is built: for the sanitizer and
# for libFuzzer's coverage. `fuzz/run cflite` runs this without a container.
# shellcheck disable=SC2154 # those variables
set -o pipefail

cd "$SRC/ecrecheck"
if [[ $FUZZING_ENGINE != libfuzzer ]]; then
  echo "build.sh: the targets are libFuzzer's; there is nothing to build for $FUZZING_ENGINE" >&2
  exit 1
fi

built=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
host=$(rustc -vV | sed -n 's/^host: //p')
folders=("$built/$host/release")

case $SANITIZER in
  address) cargo fuzz build ;;
  coverage)
    # The container's cargo turns this into a plain debug build with its own flags, and copies what it made to where
    # cargo fuzz puts binaries on x86_64.
    cargo fuzz build
    folders+=("$built/x86_64-unknown-linux-gnu/release" "$built/debug")
    ;;
  *) echo "build.sh: Rust has no build with $SANITIZER here" >&2; exit 1 ;;
esac

# Prints where a target's binary is.
binary() {
  local folder
  for folder in "${folders[@]}"; do
    if [[ -x $folder/$1 ]]; then
      echo "$folder/$1"
      return
    fi
  done
  echo "build.sh: $1 was not built: it is not in ${folders[*]}" >&2
  return 1
}

targets=$(cargo fuzz list)
if [[ -z $targets ]]; then
  echo "build.sh: there are no targets" >&2
  exit 1
fi
for target in $targets; do
  binary=$(binary "$target")
  cp "$binary" "$OUT/"
  zip --quiet --junk-paths "$OUT/${target}_seed_corpus.zip" corpus/seeds/"$target"/*
  cp "corpus/seeds/$target.dict" "corpus/seeds/$target.options" "$OUT/"
done
