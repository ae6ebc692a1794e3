# By hand, with the AWS CLI and a stock ssh: a server that boots, serves, is filtered, keeps its address and its disk.
set -euo pipefail
ssh_with() { # key address command
  ssh -i "$1" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=5 \
    -o BatchMode=yes "admin@$2" "$3"
}
eventually() { # tries command...
  local left=$1
  shift
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || { echo "never: $*"; return 1; }
    sleep 0.3
  done
}
field() { aws ec2 describe-instances --instance-ids "$1" --query "Reservations[0].Instances[0].$2" --output text; }
# The CLI's own waiters look every 15 seconds.
is() { [ "$(field "$1" State.Name)" = "$2" ]; }
opens() { curl -s -m 2 -o /dev/null "http://$1/"; }
refused() { ! opens "$1"; }

AMI=resolve:ssm:/aws/service/debian/release/12/latest/amd64
aws ec2 create-key-pair --key-name mine --key-type ed25519 --query KeyMaterial --output text >mine.pem
aws ec2 create-key-pair --key-name other --query KeyMaterial --output text >other.pem
chmod 600 mine.pem other.pem
GROUP=$(aws ec2 create-security-group --group-name web --description web --query GroupId --output text)
aws ec2 authorize-security-group-ingress --group-id "$GROUP" --protocol tcp --port 22 --cidr 0.0.0.0/0 >rule
aws ec2 authorize-security-group-ingress --group-id "$GROUP" --protocol tcp --port 80 --cidr 0.0.0.0/0 >rule
cat >data.sh <<'END'
#!/bin/bash
apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx-light
systemctl enable --now nginx
echo served by a server >/var/www/html/index.html
END
ONE=$(aws ec2 run-instances --image-id "$AMI" --instance-type t3.micro --key-name mine --security-group-ids "$GROUP" \
  --user-data file://data.sh --query 'Instances[0].InstanceId' --output text)
eventually 200 is "$ONE" running
ADDRESS=$(field "$ONE" PublicIpAddress)
eventually 30 ssh_with mine.pem "$ADDRESS" true
! ssh_with other.pem "$ADDRESS" true 2>/dev/null
ssh_with mine.pem "$ADDRESS" 'curl -s -m 5 http://169.254.169.254/latest/meta-data/instance-id' | grep -q "$ONE"
eventually 200 opens "$ADDRESS"
eventually 20 sh -c "curl -s -m 2 http://$ADDRESS/ | grep -q 'served by a server'"
echo SERVED

aws ec2 revoke-security-group-ingress --group-id "$GROUP" --protocol tcp --port 80 --cidr 0.0.0.0/0 >rule
eventually 10 refused "$ADDRESS"
aws ec2 authorize-security-group-ingress --group-id "$GROUP" --protocol tcp --port 80 --cidr 0.0.0.0/0 >rule
eventually 10 opens "$ADDRESS"
echo FILTERED

aws ec2 stop-instances --instance-ids "$ONE" >state
eventually 200 is "$ONE" stopped
refused "$ADDRESS"
aws ec2 start-instances --instance-ids "$ONE" >state
eventually 200 is "$ONE" running
[ "$(field "$ONE" PublicIpAddress)" != "$ADDRESS" ]
ALLOCATION=$(aws ec2 allocate-address --query AllocationId --output text)
aws ec2 associate-address --instance-id "$ONE" --allocation-id "$ALLOCATION" >state
ELASTIC=$(aws ec2 describe-addresses --allocation-ids "$ALLOCATION" --query 'Addresses[0].PublicIp' --output text)
eventually 30 opens "$ELASTIC"
aws ec2 reboot-instances --instance-ids "$ONE"
eventually 30 opens "$ELASTIC"
[ "$(field "$ONE" PublicIpAddress)" = "$ELASTIC" ]
echo SAME ADDRESS

ZONE=$(field "$ONE" Placement.AvailabilityZone)
VOLUME=$(aws ec2 create-volume --availability-zone "$ZONE" --size 1 --volume-type gp3 --query VolumeId --output text)
available() {
  [ "$(aws ec2 describe-volumes --volume-ids "$VOLUME" --query 'Volumes[0].State' --output text)" = available ]
}
attached() {
  [ "$(aws ec2 describe-volumes --volume-ids "$VOLUME" --query 'Volumes[0].Attachments[0].State' --output text)" = attached ]
}
eventually 20 available
aws ec2 attach-volume --volume-id "$VOLUME" --instance-id "$ONE" --device /dev/sdf >state
eventually 20 attached
eventually 30 ssh_with mine.pem "$ELASTIC" 'sudo mkfs.ext4 -q /dev/sdf && sudo mount /dev/sdf /mnt &&
  echo kept | sudo tee /mnt/file >/dev/null && sudo umount /mnt'
TWO=$(aws ec2 run-instances --image-id "$AMI" --instance-type t3.micro --key-name mine --security-group-ids "$GROUP" \
  --placement "AvailabilityZone=$ZONE" --query 'Instances[0].InstanceId' --output text)
eventually 200 is "$TWO" running
aws ec2 detach-volume --volume-id "$VOLUME" >state
eventually 200 available
aws ec2 attach-volume --volume-id "$VOLUME" --instance-id "$TWO" --device /dev/sdf >state
eventually 20 attached
eventually 30 ssh_with mine.pem "$(field "$TWO" PublicIpAddress)" 'sudo mount /dev/sdf /mnt'
ssh_with mine.pem "$(field "$TWO" PublicIpAddress)" 'cat /mnt/file' | grep -q kept
echo KEPT

ssh-keygen -q -t ed25519 -N '' -f pushed
aws ec2-instance-connect send-ssh-public-key --instance-id "$TWO" --instance-os-user admin \
  --ssh-public-key file://pushed.pub >state
ssh_with pushed "$(field "$TWO" PublicIpAddress)" true

aws ec2 terminate-instances --instance-ids "$ONE" "$TWO" >state
eventually 200 is "$ONE" terminated
eventually 200 is "$TWO" terminated
aws ec2 wait instance-terminated --instance-ids "$ONE" "$TWO"
aws ec2 release-address --allocation-id "$ALLOCATION"
aws ec2 delete-volume --volume-id "$VOLUME"
aws ec2 delete-security-group --group-id "$GROUP" >state
echo ALL SERVED
