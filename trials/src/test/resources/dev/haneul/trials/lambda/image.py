# An OCI layout of bash, what it is linked with, and a runtime: image.py SCRIPT FOLDER
import hashlib, io, json, os, subprocess, sys, tarfile
script, folder = sys.argv[1:]
os.makedirs(folder + '/blobs/sha256', exist_ok=True)
def blob(content):
    digest = hashlib.sha256(content).hexdigest()
    with open(folder + '/blobs/sha256/' + digest, 'wb') as out:
        out.write(content)
    return {'digest': 'sha256:' + digest, 'size': len(content)}
def read(path):
    with open(path, 'rb') as file:
        return file.read()
files = {'bin/bash': read('/bin/bash'), 'var/task/bootstrap': read(script)}
for each in subprocess.run(['ldd', '/bin/bash'], capture_output=True, text=True, check=True).stdout.split():
    if each.startswith('/'):
        files[each[1:]] = read(each)
plain = io.BytesIO()
with tarfile.open(fileobj=plain, mode='w') as tar:
    for name, content in files.items():
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o755
        tar.addfile(entry, io.BytesIO(content))
layer = blob(plain.getvalue())
arch = {'x86_64': 'amd64', 'aarch64': 'arm64'}[os.uname().machine]
config = {'architecture': arch, 'os': 'linux', 'config': {'Entrypoint': ['/var/task/bootstrap']},
          'rootfs': {'type': 'layers', 'diff_ids': [layer['digest']]}}
manifest = {'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.manifest.v1+json',
            'config': {'mediaType': 'application/vnd.oci.image.config.v1+json', **blob(json.dumps(config).encode())},
            'layers': [{'mediaType': 'application/vnd.oci.image.layer.v1.tar', **layer}]}
index = {'schemaVersion': 2, 'manifests': [{'mediaType': manifest['mediaType'], **blob(json.dumps(manifest).encode()),
         'annotations': {'org.opencontainers.image.ref.name': 'v1'}}]}
with open(folder + '/oci-layout', 'w') as out:
    json.dump({'imageLayoutVersion': '1.0.0'}, out)
with open(folder + '/index.json', 'w') as out:
    json.dump(index, out)
