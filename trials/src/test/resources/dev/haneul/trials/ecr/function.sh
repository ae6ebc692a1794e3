# A function out of an image that skopeo pushed: made, invoked, updated, with stock clients. The image is made here.
set -eu
cat >build.py <<'PYTHON'
import hashlib, io, json, os, subprocess, sys, tarfile
word = sys.argv[1]
os.makedirs('oci/blobs/sha256', exist_ok=True)
def blob(content):
    digest = hashlib.sha256(content).hexdigest()
    open('oci/blobs/sha256/' + digest, 'wb').write(content)
    return {'digest': 'sha256:' + digest, 'size': len(content)}
bootstrap = r'''#!/bin/bash
api=$AWS_LAMBDA_RUNTIME_API
while :; do
    exec 9<>"/dev/tcp/${api%:*}/${api##*:}"
    printf 'GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&9
    id=
    while IFS=$'\r' read -r -u 9 name value; do
        [[ ${name,,} == lambda-runtime-aws-request-id:* ]] && id=${name#*: }
    done
    exec 9>&-
    body="\"WORD $* $AWS_LAMBDA_FUNCTION_NAME\""
    exec 9<>"/dev/tcp/${api%:*}/${api##*:}"
    printf 'POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' "$id" "${#body}" "$body" >&9
    while IFS= read -r -u 9 _; do :; done
    exec 9>&-
done
'''.replace('WORD', word)
files = {'bin/bash': open('/bin/bash', 'rb').read(), 'var/task/bootstrap': bootstrap.encode()}
for each in subprocess.run(['ldd', '/bin/bash'], capture_output=True, text=True, check=True).stdout.split():
    if each.startswith('/'):
        files[each[1:]] = open(each, 'rb').read()
plain = io.BytesIO()
with tarfile.open(fileobj=plain, mode='w') as tar:
    for name, content in files.items():
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o755
        tar.addfile(entry, io.BytesIO(content))
arch = {'x86_64': 'amd64', 'aarch64': 'arm64'}[os.uname().machine]
layer = blob(plain.getvalue())
config = {'architecture': arch, 'os': 'linux', 'config': {'Entrypoint': ['/var/task/bootstrap'], 'Cmd': ['app.handler']},
          'rootfs': {'type': 'layers', 'diff_ids': [layer['digest']]}}
manifest = {'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.manifest.v1+json',
            'config': {'mediaType': 'application/vnd.oci.image.config.v1+json', **blob(json.dumps(config).encode())},
            'layers': [{'mediaType': 'application/vnd.oci.image.layer.v1.tar', **layer}]}
index = {'schemaVersion': 2, 'manifests': [{'mediaType': manifest['mediaType'], **blob(json.dumps(manifest).encode()),
         'annotations': {'org.opencontainers.image.ref.name': 'v1'}}]}
json.dump({'imageLayoutVersion': '1.0.0'}, open('oci/oci-layout', 'w'))
json.dump(index, open('oci/index.json', 'w'))
PYTHON
push() {
  rm -rf oci
  python3 build.py "$1"
  skopeo copy -q --dest-tls-verify=false oci:oci:v1 "docker://$uri:v1"
}
answer() {
  aws lambda invoke --function-name fromimage answer.json >invoked.json
  grep -q FunctionError invoked.json && { cat invoked.json answer.json; exit 1; }
  test "$(cat answer.json)" = "\"$1 $2 fromimage\"" || { echo "not $1 $2: $(cat answer.json)"; exit 1; }
}
role=$(aws iam create-role --role-name images --query Role.Arn --output text --assume-role-policy-document \
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}')
uri=$(aws ecr create-repository --repository-name team/function --query repository.repositoryUri --output text)
export REGISTRY_AUTH_FILE=$PWD/auth.json
aws ecr get-login-password | skopeo login --tls-verify=false -u AWS --password-stdin "${uri%%/*}"
if aws lambda create-function --function-name fromimage --package-type Image --code "ImageUri=$uri:v1" --role "$role" \
  2>refused; then echo "made of nothing"; exit 1; fi
grep -q "Source image $uri:v1 does not exist" refused
push first
aws lambda create-function --function-name fromimage --package-type Image --code "ImageUri=$uri:v1" --role "$role" \
  --timeout 10 >made.json
aws lambda wait function-active-v2 --function-name fromimage
digest=$(aws ecr describe-images --repository-name team/function --image-ids imageTag=v1 --query 'imageDetails[0].imageDigest' --output text)
test "$(aws lambda get-function --function-name fromimage --query Code.ResolvedImageUri --output text)" = "$uri@$digest"
answer first app.handler
# A tag that moves moves no function; an update does.
push second
answer first app.handler
aws lambda update-function-code --function-name fromimage --image-uri "$uri:v1" >/dev/null
aws lambda wait function-updated-v2 --function-name fromimage
answer second app.handler
# A published version keeps its image, also when the repository has lost it.
version=$(aws lambda publish-version --function-name fromimage --query Version --output text)
aws ecr delete-repository --repository-name team/function --force >/dev/null
aws lambda invoke --function-name "fromimage:$version" answer.json >invoked.json
test "$(cat answer.json)" = '"second app.handler fromimage"' || { cat invoked.json answer.json; exit 1; }
aws lambda delete-function --function-name fromimage
echo ALL ANSWERED
