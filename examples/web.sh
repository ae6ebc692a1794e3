# What the web examples share, for their "run" scripts to source: a function with a URL, made and deleted with the
# AWS CLI at the endpoint in AWS_ENDPOINT_URL.

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# need PROGRAM WHY: ends with a clear line where a program is missing
need() { command -v "$1" >/dev/null 2>&1 || die "This example needs $1, $2; install it and run this again."; }

need aws "the AWS CLI (https://docs.aws.amazon.com/cli) of November 2025 or newer"
need curl "to call the function's URL"

# stale OUTPUT SOURCE…: whether OUTPUT is missing or older than a source
stale() {
  local output="$1"
  shift
  [ ! -f "$output" ] || [ -n "$(find "$@" -newer "$output" -print -quit)" ]
}

# step WHAT COMMAND…: runs it quietly; its output is shown only if it fails
step() {
  local log status=0
  printf '%s …\n' "$1" >&2
  log="$(mktemp)"
  shift
  "$@" >"$log" 2>&1 || status=$?
  [ "$status" -eq 0 ] || tail -n 40 "$log" >&2
  rm -f "$log"
  return "$status"
}

# An AWS CLI older than AWS_ENDPOINT_URL is told the endpoint.
cli() { AWS_PAGER= aws ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} --output text "$@"; }

# Lets a function write its log.
LOGGING=arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole

create_role() {
  cli iam create-role --role-name "$1" --query Role.Arn --assume-role-policy-document '{
    "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
    "Principal": {"Service": "lambda.amazonaws.com"}}]}'
}

# deploy NAME RUNTIME HANDLER ZIP [OPTION…]: makes the role, the function and its URL, which anybody may call, and leaves
# the URL in URL (without a slash at its end). All of it is deleted when the script ends.
deploy() {
  local name="example-$1" runtime="$2" handler="$3" zip="$4" arn
  FUNCTION="$name"
  shift 4
  trap "undeploy $name" EXIT
  if ! arn="$(create_role "$name" 2>/dev/null)"; then
    undeploy "$name" # what an interrupted run has left
    arn="$(create_role "$name")"
  fi
  cli iam attach-role-policy --role-name "$name" --policy-arn "$LOGGING"
  cli lambda create-function --function-name "$name" --runtime "$runtime" --handler "$handler" --role "$arn" \
    --zip-file "fileb://$zip" --timeout 30 "$@" >/dev/null
  cli lambda wait function-active-v2 --function-name "$name"
  URL="$(cli lambda create-function-url-config --function-name "$name" --auth-type NONE --query FunctionUrl)"
  URL="${URL%/}"
  # A public URL needs both: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
  cli lambda add-permission --function-name "$name" --statement-id url --principal '*' \
    --action lambda:InvokeFunctionUrl --function-url-auth-type NONE >/dev/null
  cli lambda add-permission --function-name "$name" --statement-id invoke --principal '*' \
    --action lambda:InvokeFunction --invoked-via-function-url >/dev/null
  printf '%s answers at %s\n' "$name" "$URL"
}

# undeploy NAME: deletes what there is of it
undeploy() {
  {
    cli iam detach-role-policy --role-name "$1" --policy-arn "$LOGGING" || true
    cli iam delete-role --role-name "$1" || true
  } >/dev/null 2>&1 &
  cli lambda delete-function --function-name "$1" >/dev/null 2>&1 || true # with its URL and permissions
  cli logs delete-log-group --log-group-name "/aws/lambda/$1" >/dev/null 2>&1 || true
  wait
}

# call METHOD PATH [CURL OPTION…]: prints the request and the whole answer, and fails where it is no success
call() {
  local method="$1" path="$2" status=0 answer
  shift 2
  answer="$(mktemp)"
  printf '\n> %s %s\n' "$method" "$path"
  curl -sS -g -i -X "$method" -o "$answer" "$@" "$URL$path" || status=$?
  tr -d '\r' <"$answer" | grep -aiE '^(HTTP/|content-type:|set-cookie:|location:|x-trail:)' || true
  tr -d '\r' <"$answer" | sed '1,/^$/d' | head -c 2000
  printf '\n'
  grep -aqE '^HTTP/[0-9.]+ [23]' "$answer" || status=1
  rm -f "$answer"
  if [ "$status" -ne 0 ]; then
    cli logs filter-log-events --log-group-name "/aws/lambda/$FUNCTION" --query 'events[].[message]' >&2 || true
    die "$method $path failed; above is what the function logged"
  fi
}

# same METHOD PATH FILE [CURL OPTION…]: whether the URL answers with just these bytes
same() {
  local method="$1" path="$2" file="$3"
  shift 3
  printf '\n> %s %s\n' "$method" "$path"
  curl -sS -f -X "$method" "$@" "$URL$path" | cmp - "$file" || die "$method $path answered other bytes than $file"
  printf '%s bytes, the very ones of %s\n' "$(wc -c <"$file" | tr -d ' ')" "${file##*/}"
}
