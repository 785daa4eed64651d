#!/usr/bin/env bash
# The main job on real data: three million flights of 2001 are ingested, split, compacted and queried, and every answer is
# compared with what DuckDB finds in the original file. Called by ./dev demo, which builds first; with --s3 in the bucket
# of a server that ./dev has started.
set -euo pipefail

root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)
cd -- "$root"
readonly program=${SLEEPER_PROGRAM:-build/release/sleeper}
readonly folder=${SLEEPER_DEMO_FOLDER:-build/demo}
readonly package=vega-datasets@3.2.1
readonly original=$folder/flights-3m.parquet
readonly slices=$folder/slices
readonly answers=$folder/answers
case ${1:-} in
  '') export SLEEPER_INSTANCE=$folder/instance ;;
  --s3) export SLEEPER_INSTANCE=s3://$SLEEPER_TEST_S3_BUCKET/demo ;;
  *) printf 'demo.sh: no option %s; there is --s3\n' "$1" >&2; exit 2 ;;
esac

bold='' dim='' red='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' plain=$'\e[0m'
fi

failed() {
  printf '\n%sThe demo failed in line %s.%s\n' "$red" "$1" "$plain" >&2
}
trap 'failed $LINENO' ERR

step() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

data() { .venv/bin/python examples/demo_data.py "$@"; }

# Shows a command as one would type it, and runs it.
run() {
  local word line='sleeper'
  for word in "$@"; do
    if [[ $word =~ ^[A-Za-z0-9_./=,:@+-]+$ ]]; then line+=" $word"; else line+=" '$word'"; fi
  done
  printf '%s$ %s%s\n' "$dim" "$line" "$plain"
  "$program" "$@"
}

# One line about the table as it is now.
show_table() { "$program" --format json status flights | data describe; }

fetch_flights() {
  [[ ! -s $original ]] || return 0
  step "Getting $package, once"
  mkdir -p "$folder/package"
  (cd "$folder/package" && npm pack --silent "$package" >/dev/null)
  tar -xzf "$folder"/package/vega-datasets-*.tgz -C "$folder/package" package/data/flights-3m.parquet
  mv "$folder/package/package/data/flights-3m.parquet" "$original"
  rm -rf "$folder/package"
}

mkdir -p "$folder"
fetch_flights
rm -rf "$folder/instance" "$answers" "$slices"
mkdir -p "$answers"
started=$SECONDS

step "Three million flights, cut into six files as they might arrive"
data slice "$original" "$slices" 6

step "An instance in ${SLEEPER_INSTANCE}, and a table: row keys origin and date, sort key destination"
run init
run table create flights --schema examples/flights-schema.json \
  --set partition.splitting.threshold=400000 --set compaction.files.batch.size=4

step "Six ingests, each one atomic job"
for slice in "$slices"/*.parquet; do
  run ingest flights "$slice" --job-id "$(basename "$slice" .parquet)"
done
show_table
step "The same job again: a job id makes it happen once"
run ingest flights "$slices/part-1.parquet" --job-id part-1
show_table

step "Split what is too big, at keys that the files' own indexes show; nothing is rewritten"
run split flights
show_table

step "Compact: many files of a partition become few"
run compact flights
show_table
step "Compact the rest as well"
run compact flights --all
show_table
run report partitions flights

step "Exact: one airport, one minute"
run query flights --key origin=SFO --key 'date=2001-04-28T08:59:00'
run query flights --key origin=SFO --key 'date=2001-04-28T08:59:00' --output "$answers/exact.parquet"

step "Range: everything from San Francisco in the first week of March"
run query flights --key origin=SFO --range 'date=[2001-03-01,2001-03-08)' --limit 5
run query flights --key origin=SFO --range 'date=[2001-03-01,2001-03-08)' --explain
run query flights --key origin=SFO --range 'date=[2001-03-01,2001-03-08)' --output "$answers/range.parquet"

step "Several regions at once; where they overlap, no row comes twice"
run query flights --output "$answers/regions.parquet" \
  --region '{"origin":{"min":"JFK","max":"LAX"},"stringsBase64Encoded":false}' \
  --region '{"origin":{"min":"LAS","max":"LAX","maxInclusive":true},"date":{"min":"2001-06-01"},"stringsBase64Encoded":false}'

step "A batch of look-ups"
data keys "$original" "$answers/keys.txt" 1000
run query flights --keys-from "$answers/keys.txt" --output "$answers/batch.parquet"

step "The whole table"
run query flights --output "$answers/everything.parquet"

step "What DuckDB finds in the original file"
data compare "$original" "$answers"

if [[ ${1:-} == --s3 ]]; then
  step "What one look-up asks of the bucket"
  run query flights --key origin=SFO --key 'date=2001-04-28T08:59:00' --stats
  step "Done in $((SECONDS - started)) s. The bucket goes with its server; in one of your own:"
  printf '  build/release/sleeper --instance s3://BUCKET/PREFIX init\n'
else
  step "Done in $((SECONDS - started)) s. The instance stays in $SLEEPER_INSTANCE; look around:"
  printf '  build/release/sleeper --instance %s query flights --key origin=JFK --limit 10\n' "$SLEEPER_INSTANCE"
fi
