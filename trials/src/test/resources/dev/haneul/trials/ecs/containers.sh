# By hand, with the AWS CLI and podman: an image pushed to ECR, two containers a task, three tasks on Fargate and four on two
# EC2 instances behind one load balancer; deployed under load, broken and rolled back, killed and replaced.
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

# An image of Debian's busybox: a web server that tells its version, and what watches it.
mkdir -p image/bin image/www
if [ -x /bin/busybox ] && ! ldd /bin/busybox >log 2>&1; then
  cp /bin/busybox image/bin/busybox
else
  apt-get download -q busybox-static >log 2>&1
  dpkg -x busybox-static_*.deb unpacked
  cp unpacked/bin/busybox image/bin/busybox
fi
for tool in sh httpd wget sleep echo cat kill; do ln -s busybox "image/bin/$tool"; done
cat >image/bin/watch <<'END'
#!/bin/sh
# Reports each second whether the web server of its task answers, and ends where it has not three times running.
missed=0
while [ "$missed" -lt 3 ]; do
  if wget -q -O /dev/null http://127.0.0.1:8080/; then missed=0; else missed=$((missed + 1)); fi
  echo "missed $missed"
  sleep 1
done
END
chmod +x image/bin/watch
printf 'FROM scratch\nCOPY bin /bin\nCOPY www /www\nCMD ["/bin/httpd", "-f", "-p", "8080", "-h", "/www"]\n' >image/Containerfile
REPOSITORY=$(text ecr create-repository --repository-name web --query repository.repositoryUri)
aws ecr get-login-password | podman login --tls-verify=false --username AWS --password-stdin "${REPOSITORY%%/*}" >log
push() { # version
  echo "version $1" >image/www/index.html
  podman build -q --network=none -t "$REPOSITORY:$1" image >log
  podman push -q --tls-verify=false "$REPOSITORY:$1" >log
}
push one
push two
podman rmi -f "$REPOSITORY:one" "$REPOSITORY:two" >log
echo PUSHED

TRUST='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"SERVICE"}}]}'
role() { # name service policy...
  local name=$1 trust=${TRUST/SERVICE/$2}
  shift 2
  text iam create-role --role-name "$name" --assume-role-policy-document "$trust" --query Role.Arn
  for policy in "$@"; do aws iam attach-role-policy --role-name "$name" --policy-arn "arn:aws:iam::aws:policy/$policy"; done
}
EXECUTION=$(role execution ecs-tasks.amazonaws.com service-role/AmazonECSTaskExecutionRolePolicy CloudWatchLogsFullAccess)
role instance ec2.amazonaws.com service-role/AmazonEC2ContainerServiceforEC2Role >log
aws iam create-instance-profile --instance-profile-name instance >log
aws iam add-role-to-instance-profile --instance-profile-name instance --role-name instance

VPC=$(text ec2 describe-vpcs --query 'Vpcs[0].VpcId')
read -r SUBNET_A SUBNET_B <<<"$(text ec2 describe-subnets --query 'Subnets[:2].SubnetId')"
FRONT=$(text ec2 create-security-group --group-name front --description front --vpc-id "$VPC" --query GroupId)
BACK=$(text ec2 create-security-group --group-name back --description back --vpc-id "$VPC" --query GroupId)
aws ec2 authorize-security-group-ingress --group-id "$FRONT" --protocol tcp --port 80 --cidr 0.0.0.0/0 >log
aws ec2 authorize-security-group-ingress --group-id "$BACK" --protocol tcp --port 0-65535 --source-group "$FRONT" >log

define() { # family version compatibility mode
  text ecs register-task-definition --family "$1" --requires-compatibilities "$3" --network-mode "$4" --cpu 256 --memory 512 \
    --execution-role-arn "$EXECUTION" --query taskDefinition.taskDefinitionArn --container-definitions "[
      {\"name\":\"web\",\"image\":\"$REPOSITORY:$2\",\"essential\":true,\"portMappings\":[{\"containerPort\":8080}],
       \"memory\":128,\"stopTimeout\":2},
      {\"name\":\"watch\",\"image\":\"$REPOSITORY:$2\",\"essential\":true,\"command\":[\"/bin/watch\"],\"memory\":64,\"stopTimeout\":2,
       \"dependsOn\":[{\"containerName\":\"web\",\"condition\":\"START\"}],
       \"logConfiguration\":{\"logDriver\":\"awslogs\",\"options\":{\"awslogs-group\":\"watched\",\"awslogs-region\":\"us-east-1\",
         \"awslogs-stream-prefix\":\"task\",\"awslogs-create-group\":\"true\"}}}]"
}
BALANCER=$(text elbv2 create-load-balancer --name front --subnets "$SUBNET_A" "$SUBNET_B" --security-groups "$FRONT" \
  --query 'LoadBalancers[0].LoadBalancerArn')
targets() { # name type
  local arn
  arn=$(text elbv2 create-target-group --name "$1" --protocol HTTP --port 8080 --vpc-id "$VPC" --target-type "$2" \
    --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2 \
    --query 'TargetGroups[0].TargetGroupArn')
  aws elbv2 modify-target-group-attributes --target-group-arn "$arn" \
    --attributes Key=deregistration_delay.timeout_seconds,Value=3 >log
  echo "$arn"
}
SERVERLESS=$(targets serverless ip)
SERVERS=$(targets servers instance)
aws elbv2 create-listener --load-balancer-arn "$BALANCER" --protocol HTTP --port 80 --default-actions "[{\"Type\":\"forward\",
  \"ForwardConfig\":{\"TargetGroups\":[{\"TargetGroupArn\":\"$SERVERLESS\",\"Weight\":1},{\"TargetGroupArn\":\"$SERVERS\",\"Weight\":1}]}}]" >log
aws ecs create-cluster --cluster-name containers >log
AMI=$(text ssm get-parameter --name /aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id --query Parameter.Value)
printf '#!/bin/sh\necho ECS_CLUSTER=containers >>/etc/ecs/ecs.config\n' >join.sh
INSTANCES=$(text ec2 run-instances --count 2 --image-id "$AMI" --instance-type t3.medium --security-group-ids "$BACK" \
  --iam-instance-profile Name=instance --user-data file://join.sh --query 'Instances[].InstanceId')
joined() { [ "$(text ecs list-container-instances --cluster containers --query 'length(containerInstanceArns)')" = 2 ]; }
eventually 120 joined
echo JOINED

aws ecs create-service --cluster containers --service-name serverless --task-definition "$(define serverless one FARGATE awsvpc)" \
  --desired-count 3 --launch-type FARGATE --load-balancers "targetGroupArn=$SERVERLESS,containerName=web,containerPort=8080" \
  --deployment-configuration 'deploymentCircuitBreaker={enable=true,rollback=true}' --network-configuration \
  "awsvpcConfiguration={subnets=[$SUBNET_A,$SUBNET_B],securityGroups=[$BACK],assignPublicIp=ENABLED}" >log
aws ecs create-service --cluster containers --service-name servers --task-definition "$(define servers one EC2 bridge)" \
  --desired-count 4 --launch-type EC2 --load-balancers "targetGroupArn=$SERVERS,containerName=web,containerPort=8080" >log
settled() { # service version count
  [ "$(text ecs describe-services --cluster containers --services "$1" \
    --query 'services[0].[length(deployments), runningCount, deployments[0].rolloutState]')" = "1	$2	COMPLETED" ]
}
eventually 240 settled serverless 3
eventually 240 settled servers 4
ADDRESS=$(text ec2 describe-network-interfaces --filters "Name=description,Values=ELB ${BALANCER#*loadbalancer/}" \
  --query 'NetworkInterfaces[0].Association.PublicIp')
answers() { curl -s -f -m 5 "http://$ADDRESS/"; }
healthy() { [ "$(text elbv2 describe-target-health --target-group-arn "$1" \
  --query "length(TargetHealthDescriptions[?TargetHealth.State=='healthy'])")" = "$2" ]; }
healthy "$SERVERLESS" 3
healthy "$SERVERS" 4
[ "$(answers)" = "version one" ]
echo SERVED

# Whoever calls all the while; each answer is a line.
touch calling
( while [ -f calling ]; do answers || echo FAILED; sleep 0.02; done ) >answers.txt 2>errors.txt &
CALLER=$!
trap 'rm -f calling; wait $CALLER' EXIT
aws ecs update-service --cluster containers --service serverless --task-definition "$(define serverless two FARGATE awsvpc)" >log
aws ecs update-service --cluster containers --service servers --task-definition "$(define servers two EC2 bridge)" >log
eventually 240 settled serverless 3
eventually 240 settled servers 4
eventually 20 sh -c 'tail -n 30 answers.txt | grep -c "version two" | grep -qx 30'
grep -q 'version one' answers.txt
! grep -v '^version \(one\|two\)$' answers.txt
echo DEPLOYED

# A version that ends at once: the circuit breaker goes back to the one before.
BROKEN=$(text ecs register-task-definition --family serverless --requires-compatibilities FARGATE --network-mode awsvpc --cpu 256 \
  --memory 512 --execution-role-arn "$EXECUTION" --query taskDefinition.taskDefinitionArn --container-definitions \
  "[{\"name\":\"web\",\"image\":\"$REPOSITORY:two\",\"command\":[\"/bin/sh\",\"-c\",\"exit 3\"],\"portMappings\":[{\"containerPort\":8080}]}]")
aws ecs update-service --cluster containers --service serverless --task-definition "$BROKEN" >log
failed() { text ecs describe-services --cluster containers --services serverless --query 'services[0].events[].message' | grep -q 'rolling back'; }
eventually 240 failed
eventually 240 settled serverless 3
[ "$(text ecs describe-services --cluster containers --services serverless --query 'services[0].taskDefinition')" != "$BROKEN" ]
! grep -v '^version \(one\|two\)$' answers.txt
echo ROLLED BACK

# Tasks that are killed are replaced.
TASK=$(text ecs list-tasks --cluster containers --service-name serverless --query 'taskArns[0]')
aws ecs stop-task --cluster containers --task "$TASK" >log
replaced() {
  ! text ecs list-tasks --cluster containers --service-name "$1" | grep -q "$2" &&
    [ "$(text ecs describe-services --cluster containers --services "$1" --query 'services[0].runningCount')" = "$3" ]
}
eventually 120 replaced serverless "$TASK" 3
eventually 60 healthy "$SERVERLESS" 3
text logs filter-log-events --log-group-name watched --query 'events[].message' | grep -q 'missed 0'
echo REPLACED

rm calling
wait "$CALLER" || true
trap - EXIT
aws ecs delete-service --cluster containers --service serverless --force >log
aws ecs delete-service --cluster containers --service servers --force >log
aws ecs wait services-inactive --cluster containers --services serverless servers
aws ec2 terminate-instances --instance-ids $INSTANCES >log
aws elbv2 delete-load-balancer --load-balancer-arn "$BALANCER"
aws ec2 wait instance-terminated --instance-ids $INSTANCES
aws elbv2 delete-target-group --target-group-arn "$SERVERLESS"
aws elbv2 delete-target-group --target-group-arn "$SERVERS"
aws ecr delete-repository --repository-name web --force >log
echo ALL CARRIED
