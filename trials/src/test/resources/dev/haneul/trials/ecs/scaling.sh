# By hand, with the AWS CLI: a service that grows with its load and shrinks when that is gone. CLOCK moves the region's time on,
# so that a minute holds two seconds of work: one percent is much.
set -euo pipefail
eventually() { # tries command...
  local left=$1
  shift
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || { echo "never: $*"; return 1; }
    sleep 0.5
  done
}
text() { aws "$@" --output text; }
VPC=$(text ec2 describe-vpcs --query 'Vpcs[0].VpcId')
SUBNET=$(text ec2 describe-subnets --query 'Subnets[0].SubnetId')
GROUP=$(text ec2 describe-security-groups --filters "Name=vpc-id,Values=$VPC" --query 'SecurityGroups[0].GroupId')
aws ecs create-cluster --cluster-name grows >log
define() { # command
  text ecs register-task-definition --family grows --requires-compatibilities FARGATE --network-mode awsvpc --cpu 256 --memory 512 \
    --query taskDefinition.taskDefinitionArn --container-definitions \
    "[{\"name\":\"work\",\"image\":\"busybox\",\"command\":[\"/bin/sh\",\"-c\",\"$1\"],\"stopTimeout\":2}]"
}
aws ecs create-service --cluster grows --service-name grows --task-definition "$(define 'while true; do true; done')" \
  --desired-count 1 --launch-type FARGATE --deployment-configuration minimumHealthyPercent=0,maximumPercent=100 \
  --network-configuration "awsvpcConfiguration={subnets=[$SUBNET],securityGroups=[$GROUP]}" >log
aws application-autoscaling register-scalable-target --service-namespace ecs --resource-id service/grows/grows \
  --scalable-dimension ecs:service:DesiredCount --min-capacity 1 --max-capacity 3 >log
aws application-autoscaling put-scaling-policy --service-namespace ecs --resource-id service/grows/grows \
  --scalable-dimension ecs:service:DesiredCount --policy-name busy --policy-type TargetTrackingScaling \
  --target-tracking-scaling-policy-configuration 'TargetValue=1,ScaleOutCooldown=60,ScaleInCooldown=60,PredefinedMetricSpecification={PredefinedMetricType=ECSServiceAverageCPUUtilization}' >log
running() { text ecs describe-services --cluster grows --services grows --query 'services[0].runningCount'; }
eventually 60 sh -c "[ \"\$(aws ecs describe-services --cluster grows --services grows --query 'services[0].runningCount')\" = 1 ]"
echo BUSY
minutes() { # goal most: a minute at a time, until so many run
  local left=$2
  until [ "$(running)" "$1" "$3" ]; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || { echo "never: $(running) $1 $3"; return 1; }
    # The load is real: let it be measured before the minute is over.
    sleep 2
    $CLOCK advance 1m >log
  done
}
minutes -ge 15 2
echo GROWN
aws ecs update-service --cluster grows --service grows --task-definition "$(define 'while true; do sleep 1; done')" >log
minutes -le 60 1
echo SHRUNK
aws ecs delete-service --cluster grows --service grows --force >log
aws ecs wait services-inactive --cluster grows --services grows
echo ALL SCALED
