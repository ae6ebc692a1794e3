# The image pipeline by hand, with the AWS CLI alone.
set -euo pipefail
account=$(aws sts get-caller-identity --query Account --output text)
photos=photos-$account crops=crops-$account

aws s3 mb "s3://$photos"
aws s3 mb "s3://$crops"
role=$(aws iam create-role --role-name crop --query Role.Arn --output text --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}')
aws iam attach-role-policy --role-name crop --policy-arn arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
aws iam put-role-policy --role-name crop --policy-name s3 --policy-document \
  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":[\"arn:aws:s3:::$photos/*\",\"arn:aws:s3:::$crops/*\"]}]}"

# A function without an SDK: it logs what it was told and answers it.
cat > app.py <<'CODE'
import json
def handler(event, context):
    for record in event['Records']:
        print('CROPPED', record['s3']['object']['key'], record['s3']['object']['size'])
    return len(event['Records'])
CODE
python3 -c "import zipfile; zipfile.ZipFile('app.zip','w').write('app.py')"
function=$(aws lambda create-function --function-name crop --runtime "$PYTHON_RUNTIME" --handler app.handler --role "$role" \
  --zip-file fileb://app.zip --query FunctionArn --output text)
aws lambda wait function-active-v2 --function-name crop
aws lambda add-permission --function-name crop --statement-id s3 --action lambda:InvokeFunction \
  --principal s3.amazonaws.com --source-arn "arn:aws:s3:::$photos" --source-account "$account" >/dev/null
aws s3api put-bucket-notification-configuration --bucket "$photos" --notification-configuration \
  "{\"LambdaFunctionConfigurations\":[{\"LambdaFunctionArn\":\"$function\",\"Events\":[\"s3:ObjectCreated:*\"],\"Filter\":{\"Key\":{\"FilterRules\":[{\"Name\":\"suffix\",\"Value\":\".jpg\"}]}}}]}"
aws s3api get-bucket-notification-configuration --bucket "$photos" | grep -c "s3:ObjectCreated:\*" >/dev/null

for i in 1 2 3 4 5; do
  head -c $((i * 1000)) /dev/urandom > "photo $i.jpg"
  aws s3 cp "photo $i.jpg" "s3://$photos/in/photo $i.jpg" --no-progress
done
echo skipped > note.txt && aws s3 cp note.txt "s3://$photos/note.txt" --no-progress
[ "$(aws s3 ls "s3://$photos/" --recursive | wc -l)" = 6 ]
aws s3 cp "s3://$photos/in/photo 3.jpg" back.jpg --no-progress && cmp back.jpg "photo 3.jpg"
url=$(aws s3 presign "s3://$photos/in/photo 2.jpg") && curl -fsS "$url" | cmp - "photo 2.jpg"

# Either major version of the CLI takes a payload from a file as it is.
echo '{"Records":[]}' > payload.json
aws lambda invoke --function-name crop --payload fileb://payload.json --log-type Tail answer.json >/dev/null
[ "$(cat answer.json)" = 0 ]

for attempt in $(seq 1 100); do
  seen=$(aws logs filter-log-events --log-group-name /aws/lambda/crop --filter-pattern CROPPED \
    --query 'length(events)' --output text 2>/dev/null || echo 0)
  [ "$seen" = 5 ] && break
  sleep 0.2
done
[ "$seen" = 5 ]
aws logs filter-log-events --log-group-name /aws/lambda/crop --filter-pattern REPORT \
  --query 'events[].message' --output text | grep -c "REPORT RequestId" >/dev/null
aws s3 rm "s3://$photos" --recursive --only-show-errors
aws s3 rb "s3://$photos"
echo ALL CROPPED
