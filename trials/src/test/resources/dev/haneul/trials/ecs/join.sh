# One EC2 instance that joins the cluster "default".
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
text ec2 describe-subnets --query 'Subnets[0].[VpcId, SubnetId]' | tr '\t' '\n'
echo JOINED
