# A trail's files are valid to the stock client, and one that was tampered with is not.
set -euo pipefail
text() { aws "$@" --output text; }
account=$AWS_ACCESS_KEY_ID
bucket=trail-$account
arn=arn:aws:cloudtrail:us-east-1:$account:trail/audit
advance() { "$HANEUL" clock advance "$1" --port "$HANEUL_PORT" --data "$HANEUL_DATA" > /dev/null; }
aws s3api create-bucket --bucket "$bucket" > /dev/null
cat > policy.json <<JSON
{"Version":"2012-10-17","Statement":[
 {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::$bucket"},
 {"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::$bucket/AWSLogs/$account/*",
  "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}}]}
JSON
aws s3api put-bucket-policy --bucket "$bucket" --policy file://policy.json
aws cloudtrail create-trail --name audit --s3-bucket-name "$bucket" --enable-log-file-validation > /dev/null
aws cloudtrail start-logging --name audit
for hour in 1 2; do
    aws iam create-user --user-name "u$hour" > /dev/null
    advance 10m
    advance 61m
done
advance 10m
listed() { text s3api list-objects-v2 --bucket "$bucket" --prefix "AWSLogs/$account/$1/" --query 'Contents[].Key' | tr '\t' '\n'; }
validate() {
    aws cloudtrail validate-logs --trail-arn "$arn" --start-time "$(date -u -d '-1 hour' +%Y-%m-%dT%H:%M:%SZ)" \
        --end-time "$(date -u -d '+6 hours' +%Y-%m-%dT%H:%M:%SZ)" --verbose 2>&1
}
validate > valid.txt || { cat valid.txt; exit 1; }
grep -q 'digest files valid' valid.txt
grep -q 'log files valid' valid.txt
if grep -q INVALID valid.txt; then exit 1; fi
victim=$(listed CloudTrail | grep json.gz | head -n 1)
aws s3api get-object --bucket "$bucket" --key "$victim" log.json.gz > /dev/null
gunzip -c log.json.gz | sed 's/u1/x9/' | gzip -c > forged.json.gz
aws s3api put-object --bucket "$bucket" --key "$victim" --body forged.json.gz > /dev/null
if validate > forged.txt; then cat forged.txt; echo 'the forgery was not seen'; exit 1; fi
grep -q "Log file.*$victim.*INVALID: hash value doesn't match" forged.txt
echo ALL VALIDATED
