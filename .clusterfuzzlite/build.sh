#!/bin/bash -eu
# Builds every fuzz target into $OUT, with its seeds, its dictionary and its options. The container sets $SRC,
# $OUT, $SANITIZER, $FUZZING_ENGINE, and $CC and $CFLAGS, with which libsecp256k1 is built: for the sanitizer and
# for libFuzzer's coverage. `fuzz/run cflite` runs this without a container.

cd "$SRC/ecrecheck"
if [[ $FUZZING_ENGINE != libfuzzer ]]; then
  echo "build.sh: the targets are libFuzzer's; there is nothing to build for $FUZZING_ENGINE" >&2
  exit 1
fi

# Under coverage the container's cargo turns this into a plain build with its own flags.
case $SANITIZER in
  address | coverage) cargo fuzz build ;;
  *) echo "build.sh: Rust has no build with $SANITIZER here" >&2; exit 1 ;;
esac

built=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
targets=$(cargo fuzz list)
if [[ -z $targets ]]; then
  echo "build.sh: there are no targets" >&2
  exit 1
fi
for target in $targets; do
  cp "$built/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
  zip --quiet --junk-paths "$OUT/${target}_seed_corpus.zip" corpus/seeds/"$target"/*
  cp "corpus/seeds/$target.dict" "corpus/seeds/$target.options" "$OUT/"
done
