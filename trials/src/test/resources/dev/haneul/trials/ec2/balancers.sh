# With the AWS CLI: a load balancer in front of two servers, asked all the time while everything behind it changes.
set -euo pipefail
trap 'echo "failed at line $LINENO: $BASH_COMMAND"' ERR
eventually() { # tries command...
  local left=$1
  shift
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || { echo "never: $*"; return 1; }
    sleep 0.3
  done
}
states() {
  aws elbv2 describe-target-health --target-group-arn "$TARGETS" \
    --query 'TargetHealthDescriptions[].TargetHealth.State' --output text | tr '\t' '\n' | sort -u | xargs
}
are() { [ "$(states)" = "$1" ]; }
# The CLI's own waiters look every 15 seconds.
is() { # instance state
  [ "$(aws ec2 describe-instances --instance-ids "$1" --query 'Reservations[0].Instances[0].State.Name' \
    --output text)" = "$2" ]
}
active() {
  [ "$(aws elbv2 describe-load-balancers --load-balancer-arns "$BALANCER" --query 'LoadBalancers[0].State.Code' \
    --output text)" = active ]
}
says() { curl -s -m 5 "http://$1/" | grep -q "$2"; }

AMI=resolve:ssm:/aws/service/debian/release/12/latest/amd64
aws ec2 create-key-pair --key-name mine --key-type ed25519 --query KeyMaterial --output text >mine.pem
chmod 600 mine.pem
VPC=$(aws ec2 describe-vpcs --query 'Vpcs[0].VpcId' --output text)
read -r SUBNET_A SUBNET_B <<<"$(aws ec2 describe-subnets --query 'Subnets[0:2].SubnetId' --output text)"
FRONT=$(aws ec2 create-security-group --group-name front --description front --query GroupId --output text)
BEHIND=$(aws ec2 create-security-group --group-name behind --description behind --query GroupId --output text)
aws ec2 authorize-security-group-ingress --group-id "$FRONT" --protocol tcp --port 80 --cidr 0.0.0.0/0 >rule
aws ec2 authorize-security-group-ingress --group-id "$BEHIND" --protocol tcp --port 80 --source-group "$FRONT" >rule
aws ec2 authorize-security-group-ingress --group-id "$BEHIND" --protocol tcp --port 22 --cidr 0.0.0.0/0 >rule
cat >data.sh <<'END'
#!/bin/bash
mkdir -p /srv/web && hostname >/srv/web/index.html
if command -v python3 >/dev/null; then
  systemd-run --unit web --working-directory /srv/web python3 -m http.server 80
else
  apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx-light
  hostname >/var/www/html/index.html
fi
END
launch() {
  aws ec2 run-instances --image-id "$AMI" --instance-type t3.micro --key-name mine --security-group-ids "$BEHIND" \
    --subnet-id "$1" --user-data file://data.sh --query 'Instances[0].InstanceId' --output text
}
ONE=$(launch "$SUBNET_A")
TWO=$(launch "$SUBNET_B")
eventually 200 is "$ONE" running
eventually 200 is "$TWO" running

BALANCER=$(aws elbv2 create-load-balancer --name front --subnets "$SUBNET_A" "$SUBNET_B" --security-groups "$FRONT" \
  --query 'LoadBalancers[0].LoadBalancerArn' --output text)
TARGETS=$(aws elbv2 create-target-group --name web --protocol HTTP --port 80 --vpc-id "$VPC" \
  --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2 \
  --query 'TargetGroups[0].TargetGroupArn' --output text)
aws elbv2 modify-target-group-attributes --target-group-arn "$TARGETS" \
  --attributes Key=deregistration_delay.timeout_seconds,Value=2 >state
aws elbv2 register-targets --target-group-arn "$TARGETS" --targets "Id=$ONE" "Id=$TWO"
LISTENER=$(aws elbv2 create-listener --load-balancer-arn "$BALANCER" --protocol HTTP --port 80 \
  --default-actions "Type=forward,TargetGroupArn=$TARGETS" --query 'Listeners[0].ListenerArn' --output text)
eventually 200 active
aws elbv2 wait load-balancer-available --load-balancer-arns "$BALANCER"
eventually 300 are healthy
NODE=$(aws ec2 describe-network-interfaces --filters 'Name=description,Values=ELB app/front/*' \
  --query 'NetworkInterfaces[0].Association.PublicIp' --output text)
NAME=$(aws elbv2 describe-load-balancers --names front --query 'LoadBalancers[0].DNSName' --output text)
says "$NODE" .
curl -s -m 5 -H "Host: ${NAME%.elb.amazonaws.com}.elb.localhost" "$AWS_ENDPOINT_URL/" | grep -q .
ADDRESS=$(aws ec2 describe-instances --instance-ids "$ONE" \
  --query 'Reservations[0].Instances[0].PublicIpAddress' --output text)
! says "$ADDRESS" .
inside() {
  ssh -i mine.pem -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=5 \
    -o BatchMode=yes "admin@$ADDRESS" "curl -s -m 5 http://$NAME/" | grep -q .
}
eventually 10 inside
echo BALANCED

(while [ ! -e stop ]; do curl -s -m 10 -o /dev/null -w '%{http_code}\n' "http://$NODE/" || true; done >codes) &
ASKING=$!
for round in 1 2; do
  aws elbv2 deregister-targets --target-group-arn "$TARGETS" --targets "Id=$ONE"
  aws elbv2 create-rule --listener-arn "$LISTENER" --priority "$round" \
    --conditions "Field=path-pattern,Values=/$round/*" \
    --actions 'Type=fixed-response,FixedResponseConfig={StatusCode=404}' >state
  sleep 3
  aws elbv2 register-targets --target-group-arn "$TARGETS" --targets "Id=$ONE"
  eventually 60 are healthy
done
touch stop
wait "$ASKING"
[ "$(sort -u codes)" = 200 ] || { sort codes | uniq -c; exit 1; }
[ "$(wc -l <codes)" -gt 50 ]
[ "$(curl -s -o /dev/null -w '%{http_code}' "http://$NODE/2/x")" = 404 ]
echo NOTHING DROPPED

aws ec2 revoke-security-group-ingress --group-id "$FRONT" --protocol tcp --port 80 --cidr 0.0.0.0/0 >rule
closed() { ! says "$NODE" .; }
eventually 10 closed
aws elbv2 delete-load-balancer --load-balancer-arn "$BALANCER"
gone() {
  [ "$(aws ec2 describe-network-interfaces --filters 'Name=description,Values=ELB app/front/*' \
    --query 'length(NetworkInterfaces)' --output text)" = 0 ]
}
eventually 30 gone
aws elbv2 delete-target-group --target-group-arn "$TARGETS"
aws ec2 terminate-instances --instance-ids "$ONE" "$TWO" >state
eventually 200 is "$ONE" terminated
eventually 200 is "$TWO" terminated
echo ALL BALANCED
