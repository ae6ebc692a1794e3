# An alarm that a rule mutes tells nobody; once the rule is gone its action is carried out. With the AWS CLI.
set -eu
sqs() { aws --endpoint-url "$AWS_ENDPOINT_URL" sqs "$@"; } # version 1 of the CLI does not take it from there
topic=$(aws sns create-topic --name alarms --query TopicArn --output text)
queue=$(sqs create-queue --queue-name alarms --query QueueUrl --output text)
arn=$(sqs get-queue-attributes --queue-url "$queue" --attribute-names QueueArn --query Attributes.QueueArn --output text)
sqs set-queue-attributes --queue-url "$queue" --attributes "{\"Policy\":\"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{\\\"Service\\\":\\\"sns.amazonaws.com\\\"},\\\"Action\\\":\\\"sqs:SendMessage\\\",\\\"Resource\\\":\\\"$arn\\\"}]}\"}"
aws sns subscribe --topic-arn "$topic" --protocol sqs --notification-endpoint "$arn" >/dev/null
aws cloudwatch put-metric-alarm --alarm-name busy --namespace N --metric-name m --statistic Sum --period 3600 \
  --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanThreshold --treat-missing-data ignore \
  --alarm-actions "$topic"
aws cloudwatch put-alarm-mute-rule --name maintenance --description "all day" \
  --rule '{"Schedule":{"Expression":"cron(* * * * *)","Duration":"PT2H","Timezone":"Asia/Seoul"}}' \
  --mute-targets '{"AlarmNames":["busy"]}' --tags Key=Team,Value=A
test "$(aws cloudwatch get-alarm-mute-rule --alarm-mute-rule-name maintenance --query '[Status,MuteType]' --output text | tr '\t' ' ')" = "ACTIVE RECURRING"
test "$(aws cloudwatch list-alarm-mute-rules --alarm-name busy --statuses ACTIVE --query 'length(AlarmMuteRuleSummaries)')" = 1
aws cloudwatch set-alarm-state --alarm-name busy --state-value ALARM --state-reason test
test "$(aws cloudwatch describe-alarms --alarm-names busy --query 'MetricAlarms[0].StateValue' --output text)" = ALARM
test -z "$(sqs receive-message --queue-url "$queue" --wait-time-seconds 3 --query 'Messages[0].Body' --output text | grep -v None)"
if aws cloudwatch put-alarm-mute-rule --name wrong \
  --rule '{"Schedule":{"Expression":"rate(1 hour)","Duration":"PT2H"}}' 2>refused; then exit 1; fi
grep -q ValidationError refused
aws cloudwatch delete-alarm-mute-rule --alarm-mute-rule-name maintenance
sqs receive-message --queue-url "$queue" --wait-time-seconds 20 --query 'Messages[0].Body' --output text | grep -q busy
echo MUTED AND TOLD
