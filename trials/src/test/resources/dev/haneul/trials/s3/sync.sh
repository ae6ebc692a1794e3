#!/usr/bin/env bash
# The AWS CLI's sync of a tree: up, down, nothing to do the second time, and what was deleted goes.
set -euo pipefail
files="${FILES:-300}"
bucket="sync-$AWS_ACCESS_KEY_ID"
python3 - "$files" <<'PY'
import os, random, sys
random.seed(1)
for i in range(int(sys.argv[1])):
    folder = f"tree/d{i % 97}/e{i % 7}"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/f {i}+é.bin", "wb") as out:
        out.write(random.randbytes(random.randrange(3000)))
PY
aws s3 mb "s3://$bucket"
aws s3 sync --only-show-errors tree "s3://$bucket/tree"
aws s3 sync --only-show-errors "s3://$bucket/tree" back
diff -r tree back
test -z "$(aws s3 sync tree "s3://$bucket/tree")"
rm -r tree/d3
aws s3 sync --only-show-errors --delete tree "s3://$bucket/tree"
test "$(aws s3 ls --recursive "s3://$bucket/tree/" | wc -l)" = "$(find tree -type f | wc -l)"
aws s3 rb --force "s3://$bucket" > removed.txt
echo "ALL TRANSFERRED"
