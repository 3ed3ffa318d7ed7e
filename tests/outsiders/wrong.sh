#!/bin/sh
# A program that is wrong on purpose: `wrong.sh KIND FILE`. It writes its process group to FILE, says no to every
# question in the words of the question's first word, and does what KIND says where the recovery id is 9; one that
# always hangs does it everywhere. Its third word is its operation.
kind=$1
echo $$ >>"$2"
printf '{"ecrecheck":1,"name":"wrong","version":"1.0.0","operations":["%s"]}\n' "${3:-recover}"
while IFS= read -r line; do
  id=${line#*\"id\":} id=${id%%,*}
  word=${line#*:\"0x} word=${word%%\"*}
  answer="{\"id\":$id,\"rejected\":\"$word\"}"
  case $kind$line in
  always-hangs*) sleep 600 ;;
  *'"recovery_id":9}'*)
    case $kind in
    exits) echo 'Error: out of cheese' >&2; exit 3 ;;
    killed) kill -9 $$ ;;
    leaves-a-child) sleep 600 </dev/null >/dev/null 2>&1 & exit 3 ;;
    leaves-a-child-with-its-pipes) sleep 600 & exit 3 ;;
    ends-after-its-answer) echo "$answer"; exit 0 ;;
    closes-its-output) exec >&-; sleep 600 ;;
    closes-its-input) exec <&-; sleep 600 ;;
    hangs) sleep 600 ;;
    hangs-and-ignores-signals) trap '' TERM HUP INT; while :; do sleep 600; done ;;
    late) sleep 3; echo "$answer" ;;
    complains-forever) while :; do echo 'not a word of use' >&2; done ;;
    complains-much) head -c 3000000 /dev/zero >&2; echo "$answer" ;;
    garbage) echo 'Segmentation fault' ;;
    no-text) printf '\377\376\000\n' ;;
    empty-line) echo ;;
    no-end) printf '{"id":%s,' "$id"; sleep 600 ;;
    half-a-line) printf '{"id":%s,' "$id"; exit 0 ;;
    endless-line) while :; do printf 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'; done ;;
    another-id) echo "{\"id\":99999999,\"rejected\":\"$word\"}" ;;
    no-id) echo "{\"rejected\":\"$word\"}" ;;
    twice) printf '%s\n%s\n' "$answer" "$answer" ;;
    early) printf '%s\n{"id":%s,"rejected":"?"}\n' "$answer" $((id + 1)) ;;
    speaks-later) (sleep 0.2; echo "$answer") & echo "$answer" ;;
    unknown-member) echo "{\"id\":$id,\"rejected\":\"$word\",\"because\":\"?\"}" ;;
    no-answer) echo "{\"id\":$id}" ;;
    short-key) echo "{\"id\":$id,\"key\":\"0x02\"}" ;;
    esac
    ;;
  *) echo "$answer" ;;
  esac
done
