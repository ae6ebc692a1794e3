# What the container examples share, for their "run" scripts to source: an image built from Debian's packages, pushed to
# ECR, and kept running by an ECS service behind a load balancer. Made and deleted with the AWS CLI at the endpoint in
# AWS_ENDPOINT_URL.

. "$(dirname "${BASH_SOURCE[0]}")/web.sh"

if command -v podman >/dev/null 2>&1; then
  BUILDER=podman
elif command -v docker >/dev/null 2>&1; then
  BUILDER=docker
else
  die "This example needs podman or docker, to build its image; install one and run this again."
fi
need mmdebstrap "to make a base image from Debian's packages"

# The files that explain a program, and not one that runs it.
UNREAD=(--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*'
  --dpkgopt='path-exclude=/usr/share/locale/*')

# base NAME PACKAGE…: makes the image haneul-example-NAME of Debian with these packages, where there is none yet, and
# leaves its name in BASE
base() {
  local name="$1"
  shift
  BASE="localhost/haneul-example-$name:bookworm"
  "$BUILDER" image inspect "$BASE" >/dev/null 2>&1 || step "Making a base image of Debian's $* (once)" make_base "$BASE" "$@"
}

make_base() {
  local image="$1" folder
  shift
  folder="$(mktemp -d)"
  mmdebstrap --variant=minbase --include="$(IFS=,; echo "$*")" "${UNREAD[@]}" bookworm "$folder/base.tar" &&
    "$BUILDER" import "$folder/base.tar" "$image"
  local status=$?
  rm -rf "$folder"
  return "$status"
}

# push NAME TAG FOLDER: builds the folder's Containerfile on BASE, pushes it to ECR's repository NAME (made where there is
# none), and leaves the image's URI in IMAGE
push() {
  local name="$1" tag="$2" folder="$3" uri registry
  uri="$(cli ecr describe-repositories --repository-names "$name" --query 'repositories[0].repositoryUri' 2>/dev/null ||
    cli ecr create-repository --repository-name "$name" --query repository.repositoryUri)"
  IMAGE="$uri:$tag"
  registry="${uri%%/*}"
  step "Building $IMAGE" "$BUILDER" build --network=none --build-arg "BASE=$BASE" -f "$folder/Containerfile" -t "$IMAGE" "$folder"
  # The region speaks plain HTTP on loopback as well; docker allows that by itself.
  local plain=()
  [ "$BUILDER" = docker ] || plain=(--tls-verify=false)
  cli ecr get-login-password | "$BUILDER" login ${plain[@]+"${plain[@]}"} --username AWS --password-stdin "$registry" >/dev/null 2>&1
  step "Pushing it to ECR" "$BUILDER" push ${plain[@]+"${plain[@]}"} "$IMAGE"
}

# task_role NAME POLICY_ARN [SERVICE]: a role for tasks, or for another service; its ARN is printed
task_role() {
  cli iam create-role --role-name "$1" --query Role.Arn --assume-role-policy-document "{\"Version\": \"2012-10-17\",
    \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\",
      \"Principal\": {\"Service\": \"${3:-ecs-tasks.amazonaws.com}\"}}]}"
  cli iam attach-role-policy --role-name "$1" --policy-arn "$2" >&2
}
PULL_AND_LOG=arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy

# network NAME PORT: a security group for the balancer (GROUP_FRONT: port 80 from everywhere) and one for the tasks
# (GROUP_TASKS: PORT from the balancer only), in the default VPC (VPC), with its SUBNETS
network() {
  VPC="$(cli ec2 describe-vpcs --filters Name=is-default,Values=true --query 'Vpcs[0].VpcId')"
  SUBNETS="$(cli ec2 describe-subnets --filters "Name=vpc-id,Values=$VPC" --query 'Subnets[:2].SubnetId')"
  GROUP_FRONT="$(cli ec2 create-security-group --group-name "$1-front" --description "Visitors" --vpc-id "$VPC" --query GroupId)"
  GROUP_TASKS="$(cli ec2 create-security-group --group-name "$1-tasks" --description "Tasks" --vpc-id "$VPC" --query GroupId)"
  cli ec2 authorize-security-group-ingress --group-id "$GROUP_FRONT" --protocol tcp --port 80 --cidr 0.0.0.0/0 >/dev/null
  cli ec2 authorize-security-group-ingress --group-id "$GROUP_TASKS" --protocol tcp --port "$2" --source-group "$GROUP_FRONT" >/dev/null
}

# balancer NAME PORT TARGET_TYPE: a load balancer at port 80 in front of a target group (TARGETS) for PORT, with its DNS name
# in DNS and an address of it in FRONT
balancer() {
  BALANCER="$(cli elbv2 create-load-balancer --name "$1" --subnets $SUBNETS --security-groups "$GROUP_FRONT" \
    --query 'LoadBalancers[0].LoadBalancerArn')"
  TARGETS="$(cli elbv2 create-target-group --name "$1" --protocol HTTP --port "$2" --vpc-id "$VPC" --target-type "$3" \
    --health-check-path /health --health-check-interval-seconds 5 --health-check-timeout-seconds 3 \
    --healthy-threshold-count 2 --query 'TargetGroups[0].TargetGroupArn')"
  cli elbv2 modify-target-group-attributes --target-group-arn "$TARGETS" \
    --attributes Key=deregistration_delay.timeout_seconds,Value=5 >/dev/null
  cli elbv2 create-listener --load-balancer-arn "$BALANCER" --protocol HTTP --port 80 \
    --default-actions "Type=forward,TargetGroupArn=$TARGETS" >/dev/null
  cli elbv2 wait load-balancer-available --load-balancer-arns "$BALANCER"
  DNS="$(cli elbv2 describe-load-balancers --load-balancer-arns "$BALANCER" --query 'LoadBalancers[0].DNSName')"
  # Its name is known inside the networks; this host calls one of its public addresses.
  FRONT="$(cli ec2 describe-network-interfaces --filters "Name=description,Values=ELB ${BALANCER#*loadbalancer/}" \
    --query 'NetworkInterfaces[0].Association.PublicIp')"
  URL="http://$FRONT"
}

# steady NAME: waits until all tasks of the service run, and until the balancer has found them healthy, which comes later
steady() {
  cli ecs wait services-stable --cluster "$1" --services "$1" && cli elbv2 wait target-in-service --target-group-arn "$TARGETS"
}

# undo NAME: deletes what there is of an example
undo() {
  local arn group role
  {
    cli ecs delete-service --cluster "$1" --service "$1" --force || true
    cli ecs wait services-inactive --cluster "$1" --services "$1" || true
    arn="$(cli elbv2 describe-load-balancers --names "$1" --query 'LoadBalancers[0].LoadBalancerArn')" &&
      cli elbv2 delete-load-balancer --load-balancer-arn "$arn" &&
      cli elbv2 wait load-balancers-deleted --load-balancer-arns "$arn" || true
    arn="$(cli elbv2 describe-target-groups --names "$1" --query 'TargetGroups[0].TargetGroupArn')" &&
      cli elbv2 delete-target-group --target-group-arn "$arn" || true
    for arn in $(cli ecs list-task-definitions --family-prefix "$1" --query taskDefinitionArns); do
      cli ecs deregister-task-definition --task-definition "$arn" || true
    done
    for group in tasks front; do
      arn="$(cli ec2 describe-security-groups --filters "Name=group-name,Values=$1-$group" --query 'SecurityGroups[0].GroupId')"
      [ "$arn" = None ] || [ -z "$arn" ] || again cli ec2 delete-security-group --group-id "$arn" || true
    done
    cli ecr delete-repository --repository-name "$1" --force || true
    cli ecs delete-cluster --cluster "$1" || true
    cli logs delete-log-group --log-group-name "/ecs/$1" || true
    for role in "$1-execution" "$1-task" "$1-instance"; do unmake_role "$role"; done
  } >/dev/null 2>&1
}

unmake_role() {
  local policy
  cli iam remove-role-from-instance-profile --instance-profile-name "$1" --role-name "$1" &&
    cli iam delete-instance-profile --instance-profile-name "$1" || true
  for policy in $(cli iam list-attached-role-policies --role-name "$1" --query 'AttachedPolicies[].PolicyArn'); do
    cli iam detach-role-policy --role-name "$1" --policy-arn "$policy"
  done
  cli iam delete-role --role-name "$1" || true
}

# again COMMAND…: tries for a while: what uses a group goes a moment after the service
again() {
  local tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt 30 ] || return 1
    sleep 1
  done
}
