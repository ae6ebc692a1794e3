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
index = {'schemaVersion': 2, 'manifests': [{'mediaType': manifest['mediaType'], **blob(json.dumps(manifest).encode()),
         'annotations': {'org.opencontainers.image.ref.name': 'v1'}}]}
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
for layer in oci/blobs/sha256/*; do
  name=$(basename "$layer")
  test "$name" = "${want#sha256:}" || cmp "$layer" "pulled/$name"
done
# Again: nothing is sent twice, nothing is wrong.
skopeo copy --dest-tls-verify=false oci:oci:v1 "docker://$uri:v1"
# In Docker's own form too, which is another manifest.
skopeo copy --format v2s2 --dest-tls-verify=false oci:oci:v1 "docker://$uri:docker"
skopeo inspect --raw --tls-verify=false "docker://$uri:docker" | grep -q vnd.docker.distribution.manifest.v2
skopeo list-tags --tls-verify=false "docker://$uri" | tr -d ' \n' | grep -q '"Tags":\["docker","v1"\]'
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
