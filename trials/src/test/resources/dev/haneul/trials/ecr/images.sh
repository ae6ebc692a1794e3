# Login, push and pull with stock clients; digests must stay the same. Images are made here, offline.
set -eu
python3 - <<'PYTHON'
import hashlib, io, json, os, tarfile
os.makedirs('oci/blobs/sha256')
def blob(content):
    digest = hashlib.sha256(content).hexdigest()
    open('oci/blobs/sha256/' + digest, 'wb').write(content)
    return {'digest': 'sha256:' + digest, 'size': len(content)}
import gzip
layers, diffs = [], []
for number in range(3):
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode='w') as tar:
        entry = tarfile.TarInfo('file%d' % number)
        entry.size = 1 << 20
        tar.addfile(entry, io.BytesIO(os.urandom(entry.size)))
    diffs.append('sha256:' + hashlib.sha256(plain.getvalue()).hexdigest())
    layers.append({'mediaType': 'application/vnd.oci.image.layer.v1.tar+gzip', **blob(gzip.compress(plain.getvalue(), 1))})
config = {'architecture': 'amd64', 'os': 'linux', 'config': {}, 'rootfs': {'type': 'layers', 'diff_ids': diffs}}
manifest = {'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.manifest.v1+json',
            'config': {'mediaType': 'application/vnd.oci.image.config.v1+json', **blob(json.dumps(config).encode())},
            'layers': layers}
amd64 = {'mediaType': manifest['mediaType'], **blob(json.dumps(manifest).encode())}
# The same layers for another processor, and an index of both.
config['architecture'] = 'arm64'
manifest['config'] = {'mediaType': manifest['config']['mediaType'], **blob(json.dumps(config).encode())}
arm64 = {'mediaType': manifest['mediaType'], **blob(json.dumps(manifest).encode())}
both = {'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.index.v1+json', 'manifests': [
    {**amd64, 'platform': {'architecture': 'amd64', 'os': 'linux'}},
    {**arm64, 'platform': {'architecture': 'arm64', 'os': 'linux'}}]}
name = lambda tag: {'annotations': {'org.opencontainers.image.ref.name': tag}}
index = {'schemaVersion': 2, 'manifests': [
    {**amd64, **name('v1')}, {'mediaType': both['mediaType'], **blob(json.dumps(both).encode()), **name('both')}]}
json.dump({'imageLayoutVersion': '1.0.0'}, open('oci/oci-layout', 'w'))
json.dump(index, open('oci/index.json', 'w'))
PYTHON
want=$(python3 -c "import json; print(json.load(open('oci/index.json'))['manifests'][0]['digest'])")
uri=$(aws ecr create-repository --repository-name team/web --query repository.repositoryUri --output text)
registry=${uri%%/*}
export REGISTRY_AUTH_FILE=$PWD/auth.json
if skopeo inspect --raw --tls-verify=false "docker://$uri:v1" >/dev/null 2>&1; then echo "no login was needed"; exit 1; fi
aws ecr get-login-password | skopeo login --tls-verify=false -u AWS --password-stdin "$registry"
skopeo copy --dest-tls-verify=false oci:oci:v1 "docker://$uri:v1"
test "$(aws ecr describe-images --repository-name team/web --query 'imageDetails[0].imageDigest' --output text)" = "$want"
skopeo copy --src-tls-verify=false "docker://$uri:v1" dir:pulled
test "sha256:$(sha256sum pulled/manifest.json | cut -d' ' -f1)" = "$want"
for layer in pulled/????????????????????????????????*; do
  cmp "oci/blobs/sha256/$(basename "$layer")" "$layer"
done
# Again: nothing is sent twice, nothing is wrong.
skopeo copy --dest-tls-verify=false oci:oci:v1 "docker://$uri:v1"
# In Docker's own form too, which is another manifest.
skopeo copy --format v2s2 --dest-tls-verify=false oci:oci:v1 "docker://$uri:docker"
skopeo inspect --raw --tls-verify=false "docker://$uri:docker" | grep -q vnd.docker.distribution.manifest.v2
skopeo list-tags --tls-verify=false "docker://$uri" | tr -d ' \n' | grep -q '"Tags":\["docker","v1"\]'
# An index with all it names, in and out and over to another repository.
indexed=$(python3 -c "import json; print(json.load(open('oci/index.json'))['manifests'][1]['digest'])")
skopeo copy --all --dest-tls-verify=false oci:oci:both "docker://$uri:both"
skopeo copy --all --src-tls-verify=false "docker://$uri:both" oci:again:both
test "$(python3 -c "import json; print(json.load(open('again/index.json'))['manifests'][0]['digest'])")" = "$indexed"
test "$(ls again/blobs/sha256 | wc -l)" = "$(ls oci/blobs/sha256 | wc -l)"
aws ecr create-repository --repository-name team/copy >/dev/null
skopeo copy --all --src-tls-verify=false --dest-tls-verify=false "docker://$uri:both" "docker://$registry/team/copy:both"
test "sha256:$(skopeo inspect --raw --tls-verify=false "docker://$registry/team/copy:both" | sha256sum | cut -d' ' -f1)" = "$indexed"
# The image of one's own processor is found in it.
skopeo inspect --tls-verify=false --override-arch arm64 "docker://$uri:both" | grep -q '"Architecture": "arm64"'
if command -v podman >/dev/null; then
  lone() { podman --root "$PWD/root" --runroot "$PWD/run" --storage-driver vfs "$@"; }
  lone manifest create several
  lone manifest add --tls-verify=false several "docker://$uri@$want"
  lone manifest push --all --tls-verify=false several "docker://$registry/team/copy:several"
  skopeo inspect --raw --tls-verify=false "docker://$registry/team/copy:several" | grep -q "$want"
fi
skopeo delete --tls-verify=false "docker://$uri:both"
# A tag that is fixed stays.
aws ecr put-image-tag-mutability --repository-name team/web --image-tag-mutability IMMUTABLE >/dev/null
if skopeo copy --format v2s2 --dest-tls-verify=false oci:oci:v1 "docker://$uri:v1" 2>refused; then exit 1; fi
grep -q "cannot be overwritten" refused
skopeo delete --tls-verify=false "docker://$uri:docker"
if command -v podman >/dev/null; then
  podman --root "$PWD/root" --runroot "$PWD/run" --storage-driver vfs pull --tls-verify=false "$uri@$want" ||
    echo "podman cannot unpack images here"
fi
echo ALL IDENTICAL
