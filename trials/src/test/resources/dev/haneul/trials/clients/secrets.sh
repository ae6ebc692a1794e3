# KMS, Parameter Store and Secrets Manager by hand.
set -euo pipefail
text() { aws "$@" --output text; }

key=$(text kms create-key --query KeyMetadata.KeyId)
aws kms create-alias --alias-name alias/mine --target-key-id "$key"
printf 'attack at dawn' > clear
text kms encrypt --key-id alias/mine --plaintext fileb://clear --encryption-context a=b \
    --query CiphertextBlob | base64 -d > sealed
test "$(text kms decrypt --ciphertext-blob fileb://sealed --encryption-context a=b \
    --query Plaintext | base64 -d)" = "attack at dawn"
if aws kms decrypt --ciphertext-blob fileb://sealed --encryption-context a=c 2> refused; then exit 1; fi
grep -q InvalidCiphertextException refused

aws ssm put-parameter --name /app/password --type SecureString --key-id alias/mine --value hush > /dev/null
test "$(text ssm get-parameter --name /app/password --with-decryption --query Parameter.Value)" = hush
test "$(text ssm get-parameters-by-path --path /app --recursive --query 'Parameters[0].Name')" = /app/password

arn=$(text secretsmanager create-secret --name db --secret-string '{"user":"a"}' --query ARN)
test "$(text secretsmanager get-secret-value --secret-id "$arn" --query SecretString)" = '{"user":"a"}'
aws secretsmanager put-secret-value --secret-id db --secret-string two > /dev/null
test "$(text secretsmanager get-secret-value --secret-id db --version-stage AWSPREVIOUS --query SecretString)" \
    = '{"user":"a"}'
python3 - <<'PY'
import boto3
kms = boto3.client("kms")
blob = open("sealed", "rb").read()
assert kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})["Plaintext"] == b"attack at dawn"
key = kms.generate_data_key(KeyId="alias/mine", KeySpec="AES_256")
assert kms.decrypt(CiphertextBlob=key["CiphertextBlob"])["Plaintext"] == key["Plaintext"]
PY
echo ALL KEPT
