# One EC2 instance that joins the cluster "default", and a balancer: port 80 for tasks on Fargate, port 81 for those on it.
set -euo pipefail
text() { aws "$@" --output text; }
aws ecs create-cluster >log
aws iam create-role --role-name instance --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]}' >log
aws iam attach-role-policy --role-name instance \
  --policy-arn arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role
aws iam create-instance-profile --instance-profile-name instance >log
aws iam add-role-to-instance-profile --instance-profile-name instance --role-name instance
AMI=$(text ssm get-parameter --name /aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id --query Parameter.Value)
aws ec2 run-instances --image-id "$AMI" --instance-type t3.medium --iam-instance-profile Name=instance >log
left=120
until [ "$(text ecs list-container-instances --query 'length(containerInstanceArns)')" = 1 ]; do
  left=$((left - 1))
  [ "$left" -gt 0 ] || { echo "never joined"; exit 1; }
  sleep 0.5
done
VPC=$(text ec2 describe-vpcs --query 'Vpcs[0].VpcId')
read -r SUBNET_A SUBNET_B <<<"$(text ec2 describe-subnets --query 'Subnets[:2].SubnetId')"
GROUP=$(text ec2 describe-security-groups --filters Name=vpc-id,Values="$VPC" --query 'SecurityGroups[0].GroupId')
aws ec2 authorize-security-group-ingress --group-id "$GROUP" --protocol -1 --cidr 0.0.0.0/0 >log
BALANCER=$(text elbv2 create-load-balancer --name front --subnets "$SUBNET_A" "$SUBNET_B" --security-groups "$GROUP" \
  --query 'LoadBalancers[0].LoadBalancerArn')
listen() { # port name type
  local arn
  arn=$(text elbv2 create-target-group --name "$2" --protocol HTTP --port 80 --vpc-id "$VPC" --target-type "$3" \
    --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2 \
    --query 'TargetGroups[0].TargetGroupArn')
  aws elbv2 modify-target-group-attributes --target-group-arn "$arn" \
    --attributes Key=deregistration_delay.timeout_seconds,Value=2 >log
  aws elbv2 create-listener --load-balancer-arn "$BALANCER" --protocol HTTP --port "$1" \
    --default-actions "Type=forward,TargetGroupArn=$arn" >log
  echo "$arn"
}
SERVERLESS=$(listen 80 serverless ip)
SERVERS=$(listen 81 servers instance)
aws elbv2 wait load-balancer-available --load-balancer-arns "$BALANCER"
ADDRESS=$(text ec2 describe-network-interfaces --filters 'Name=description,Values=ELB app/front/*' \
  --query 'NetworkInterfaces[0].Association.PublicIp')
printf '%s\n' "$VPC" "$SUBNET_A" "$SERVERLESS" "$SERVERS" "$ADDRESS" JOINED
