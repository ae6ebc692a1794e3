# Who may do what, by hand, with the AWS CLI alone. Root's keys are in the environment.
set -euo pipefail
account=$(aws sts get-caller-identity --query Account --output text)
bucket=permissions-by-hand-$account
root_key=$AWS_ACCESS_KEY_ID root_secret=$AWS_SECRET_ACCESS_KEY

as_root() { export AWS_ACCESS_KEY_ID=$root_key AWS_SECRET_ACCESS_KEY=$root_secret; unset AWS_SESSION_TOKEN; }
# as_keys ID SECRET [TOKEN]
as_keys() {
  export AWS_ACCESS_KEY_ID=$1 AWS_SECRET_ACCESS_KEY=$2
  if [ -n "${3:-}" ]; then export AWS_SESSION_TOKEN=$3; else unset AWS_SESSION_TOKEN; fi
}
# refused CODE COMMAND...: the command fails with this code
refused() {
  local code=$1 text
  shift
  if text=$("$@" 2>&1); then echo "NOT REFUSED: $*"; exit 1; fi
  case $text in *"($code)"*) ;; *) echo "$* gave: $text"; exit 1 ;; esac
}
policy() { printf '{"Version":"2012-10-17","Statement":[{"Effect":"%s","Action":%s,"Resource":"%s"}]}' "$1" "$2" "$3"; }

aws s3 mb "s3://$bucket" >/dev/null
for key in open/a closed/b; do
  echo "$key" > body && aws s3api put-object --bucket "$bucket" --key "$key" --body body >/dev/null
done

echo "- a user with s3:GetObject on one prefix reads there and nothing else, in every service"
aws iam create-user --user-name bob >/dev/null
aws iam put-user-policy --user-name bob --policy-name p \
  --policy-document "$(policy Allow '"s3:GetObject"' "arn:aws:s3:::$bucket/open/*")"
read -r bob bob_secret < <(aws iam create-access-key --user-name bob \
  --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text)
as_keys "$bob" "$bob_secret"
aws s3api get-object --bucket "$bucket" --key open/a got >/dev/null
grep -q open/a got
refused AccessDenied aws s3api get-object --bucket "$bucket" --key closed/b got
refused AccessDenied aws s3api list-objects-v2 --bucket "$bucket"
refused AccessDenied aws s3api delete-object --bucket "$bucket" --key open/a
refused AccessDenied aws iam list-users
refused AccessDeniedException aws lambda list-functions
refused UnauthorizedOperation aws ec2 describe-instances
python3 - <<CODE
import boto3, botocore
for service, operation in dict(kms='list_keys', sqs='list_queues', sns='list_topics', dynamodb='list_tables', ecs='list_clusters',
        ecr='describe_repositories', autoscaling='describe_auto_scaling_groups', cloudformation='list_stacks',
        stepfunctions='list_state_machines', rds='describe_db_instances', route53='list_hosted_zones', elbv2='describe_load_balancers',
        apigateway='get_rest_apis', cloudwatch='list_metrics', ssm='describe_parameters', acm='list_certificates',
        secretsmanager='list_secrets', events='list_rules', cloudfront='list_distributions').items():
    try:
        getattr(boto3.client(service), operation)()
        raise SystemExit(f'{service} {operation} is not refused')
    except botocore.exceptions.ClientError as refused:
        code, status = refused.response['Error']['Code'], refused.response['ResponseMetadata']['HTTPStatusCode']
        assert code in ('AccessDenied', 'AccessDeniedException') and status in (400, 403), (service, code, status)
        assert f'user/bob is not authorized to perform: ' in refused.response['Error']['Message'], refused
CODE

echo "- what a refusal hides from its receiver, an administrator decodes"
text=$(aws ec2 stop-instances --instance-ids i-0123456789abcdef0 2>&1 || true)
encoded=${text##*Encoded authorization failure message: }
refused AccessDenied aws sts decode-authorization-message --encoded-message "$encoded"
as_root
aws sts decode-authorization-message --encoded-message "$encoded" --query DecodedMessage --output text > decoded
python3 - <<CODE
import json
told = json.load(open('decoded'))
assert told['allowed'] is False and told['explicitDeny'] is False, told
assert told['context']['action'] == 'ec2:StopInstances', told
assert told['context']['principal']['arn'].endswith(':user/bob'), told
assert told['context']['resource'].endswith(':instance/i-0123456789abcdef0'), told
CODE

echo "- an explicit deny wins"
aws iam attach-user-policy --user-name bob --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
aws iam put-user-policy --user-name bob --policy-name no \
  --policy-document "$(policy Deny '"s3:*"' "arn:aws:s3:::$bucket/closed/*")"
as_keys "$bob" "$bob_secret"
aws s3api list-objects-v2 --bucket "$bucket" >/dev/null
refused AccessDenied aws s3api get-object --bucket "$bucket" --key closed/b got
as_root
aws iam detach-user-policy --user-name bob --policy-arn arn:aws:iam::aws:policy/AdministratorAccess

echo "- an assumed role with a session policy is narrower than the role"
role=$(aws iam create-role --role-name reader --query Role.Arn --output text --assume-role-policy-document \
  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"$account\"},\"Action\":\"sts:AssumeRole\"}]}")
aws iam put-role-policy --role-name reader --policy-name p \
  --policy-document "$(policy Allow '"s3:GetObject"' "arn:aws:s3:::$bucket/*")"
aws iam put-user-policy --user-name bob --policy-name assume --policy-document "$(policy Allow '"sts:AssumeRole"' "$role")"
as_keys "$bob" "$bob_secret"
read -r id secret token < <(aws sts assume-role --role-arn "$role" --role-session-name session \
  --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
read -r narrow narrow_secret narrow_token < <(aws sts assume-role --role-arn "$role" --role-session-name session \
  --policy "$(policy Allow '"s3:*"' "arn:aws:s3:::$bucket/open/*")" \
  --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
as_keys "$id" "$secret" "$token"
aws s3api get-object --bucket "$bucket" --key closed/b got >/dev/null
as_keys "$narrow" "$narrow_secret" "$narrow_token"
aws s3api get-object --bucket "$bucket" --key open/a got >/dev/null
refused AccessDenied aws s3api get-object --bucket "$bucket" --key closed/b got

echo "- access across accounts needs both sides"
as_keys "$OTHER_ACCOUNT" test
aws iam create-user --user-name ann >/dev/null
read -r ann ann_secret < <(aws iam create-access-key --user-name ann \
  --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text)
as_keys "$ann" "$ann_secret"
refused AccessDenied aws s3api get-object --bucket "$bucket" --key open/a got
as_root
aws s3api put-bucket-policy --bucket "$bucket" --policy \
  "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::$OTHER_ACCOUNT:user/ann\"},\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::$bucket/open/*\"}]}"
as_keys "$ann" "$ann_secret"
refused AccessDenied aws s3api get-object --bucket "$bucket" --key open/a got
as_keys "$OTHER_ACCOUNT" test
aws iam put-user-policy --user-name ann --policy-name p --policy-document "$(policy Allow '"s3:GetObject"' '*')"
as_keys "$ann" "$ann_secret"
aws s3api get-object --bucket "$bucket" --key open/a got >/dev/null
refused AccessDenied aws s3api get-object --bucket "$bucket" --key closed/b got

echo "- a function with a role takes iam:PassRole"
as_root
exec=$(aws iam create-role --role-name exec --query Role.Arn --output text --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}')
aws iam put-user-policy --user-name bob --policy-name lambda --policy-document "$(policy Allow '"lambda:*"' '*')"
echo 'def handler(event, context): return 1' > app.py
python3 -c "import zipfile; zipfile.ZipFile('app.zip','w').write('app.py')"
as_keys "$bob" "$bob_secret"
refused AccessDeniedException aws lambda create-function --function-name f --runtime python3.12 --handler app.handler \
  --role "$exec" --zip-file fileb://app.zip
as_root
aws iam put-user-policy --user-name bob --policy-name pass --policy-document "$(policy Allow '"iam:PassRole"' "$exec")"
as_keys "$bob" "$bob_secret"
aws lambda create-function --function-name f --runtime python3.12 --handler app.handler --role "$exec" \
  --zip-file fileb://app.zip >/dev/null

echo "- the simulator says what happened"
as_root
decisions=$(aws iam simulate-principal-policy --policy-source-arn "arn:aws:iam::$account:user/bob" \
  --action-names s3:GetObject s3:PutObject --resource-arns "arn:aws:s3:::$bucket/open/a" "arn:aws:s3:::$bucket/closed/b" \
  --query 'EvaluationResults[].EvalDecision' --output text | tr '\t' ' ')
[ "$decisions" = "allowed explicitDeny implicitDeny explicitDeny" ] || { echo "simulated: $decisions"; exit 1; }
echo "EVERYONE GOT WHAT THE POLICIES SAY"
