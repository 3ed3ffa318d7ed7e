#!/bin/bash -eu
# Builds every fuzz target into $OUT, with its seeds, its dictionary and its options. The container sets $SRC,
# $OUT, $SANITIZER, $FUZZING_ENGINE, and $CC and $CFLAGS, with which libsecp256k1 is built: for the sanitizer and
# for libFuzzer's coverage. `fuzz/run cflite` runs this without a container.
# shellcheck disable=SC2154 # those variables
set -o pipefail

cd "$SRC/ecrecheck"
if [[ $FUZZING_ENGINE != libfuzzer ]]; then
  echo "build.sh: the targets are libFuzzer's: cannot build for $FUZZING_ENGINE" >&2
  exit 1
fi

# $SEEDS has them where they were made before, as by `fuzz/run cflite`.
if [[ -z ${SEEDS:-} ]]; then
  SEEDS=$(mktemp -d)
  # For this machine, not for the fuzzer: without the sanitizer.
  env -u RUSTFLAGS -u CFLAGS -u CXXFLAGS cargo run --locked --release -- seeds --out "$SEEDS"
fi

built=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
host=$(rustc -vV | sed -n 's/^host: //p')
case $SANITIZER in
  address) folder=$built/$host/release ;;
  # The container's cargo makes this a plain debug build, and copies what it made to where cargo fuzz puts binaries.
  coverage) folder=$built/x86_64-unknown-linux-gnu/release ;;
  *) echo "build.sh: cannot build with SANITIZER=$SANITIZER" >&2; exit 1 ;;
esac
# Decisions are instrumented, arithmetic is not.
RUSTC_WRAPPER=$PWD/fuzz/rustc cargo fuzz build

targets=$(cargo fuzz list)
for target in $targets; do
  cp "$folder/$target" "$OUT/"
  zip --quiet --junk-paths "$OUT/${target}_seed_corpus.zip" "$SEEDS/$target"/*
  cp "$SEEDS/$target.dict" "$SEEDS/$target.options" "$OUT/"
done
