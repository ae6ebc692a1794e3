# The image pipeline by hand, with boto3 alone. The function signs its own S3 calls with the role's keys by botocore.
import io, json, os, time, urllib.error, urllib.request, zipfile
import boto3
from botocore.exceptions import ClientError

s3, lam, iam, logs, sts = (boto3.client(n) for n in ('s3', 'lambda', 'iam', 'logs', 'sts'))
account = sts.get_caller_identity()['Account']
photos, crops = 'photos-' + account, 'crops-' + account
s3.create_bucket(Bucket=photos)
s3.create_bucket(Bucket=crops)
role = iam.create_role(RoleName='crop', AssumeRolePolicyDocument=json.dumps({
    'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'sts:AssumeRole',
                                            'Principal': {'Service': 'lambda.amazonaws.com'}}]}))['Role']['Arn']
iam.attach_role_policy(RoleName='crop', PolicyArn='arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole')

code = '''
def handler(event, context):
    for record in event['Records']:
        key = record['s3']['object']['key']
        if 'corrupt' in key:
            raise ValueError(key + ' is no picture')
        print('CROPPED', key)
    return {'seen': len(event['Records']), 'left': context.get_remaining_time_in_millis() > 0}
'''
package = io.BytesIO()
with zipfile.ZipFile(package, 'w') as z:
    z.writestr('app.py', code)
function = lam.create_function(FunctionName='crop', Runtime=os.environ['PYTHON_RUNTIME'], Handler='app.handler',
                               Role=role, Code={'ZipFile': package.getvalue()})['FunctionArn']
lam.get_waiter('function_active_v2').wait(FunctionName='crop')
lam.add_permission(FunctionName='crop', StatementId='s3', Action='lambda:InvokeFunction',
                   Principal='s3.amazonaws.com', SourceArn='arn:aws:s3:::' + photos, SourceAccount=account)
s3.put_bucket_notification_configuration(Bucket=photos, NotificationConfiguration={
    'LambdaFunctionConfigurations': [{'LambdaFunctionArn': function, 'Events': ['s3:ObjectCreated:*']}]})

answer = lam.invoke(FunctionName='crop', Payload=b'{"Records":[]}')
assert json.load(answer['Payload']) == {'seen': 0, 'left': True}

for i in range(20):
    url = s3.generate_presigned_url('put_object', ExpiresIn=60, Params={
        'Bucket': photos, 'Key': f'photo {i}+é.jpg', 'ContentType': 'image/jpeg'})
    body = os.urandom(100_000)
    request = urllib.request.Request(url, data=body, method='PUT', headers={'Content-Type': 'image/jpeg'})
    assert urllib.request.urlopen(request).status == 200
    assert s3.get_object(Bucket=photos, Key=f'photo {i}+é.jpg')['Body'].read() == body
s3.put_object(Bucket=photos, Key='corrupt.jpg', Body=b'')

post = s3.generate_presigned_post(photos, 'form/${filename}', Conditions=[['content-length-range', 1, 100]], ExpiresIn=60)
boundary = 'x' * 20
fields = ''.join(f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in post['fields'].items())
form = (fields + f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
        f'Content-Type: image/jpeg\r\n\r\nhello\r\n--{boundary}--\r\n').encode()
urllib.request.urlopen(urllib.request.Request(
    post['url'], data=form, headers={'Content-Type': 'multipart/form-data; boundary=' + boundary}))
assert s3.get_object(Bucket=photos, Key='form/a.jpg')['Body'].read() == b'hello'

try:
    s3.put_object(Bucket=photos, Key='bad', Body=b'x', ContentMD5='AAAAAAAAAAAAAAAAAAAAAA==')
    raise SystemExit('a wrong MD5 was taken')
except ClientError as e:
    assert e.response['Error']['Code'] == 'BadDigest', e
try:
    lam.create_function(FunctionName='odd', Runtime='cobol85', Handler='a.b', Role=role, Code={'ZipFile': package.getvalue()})
    raise SystemExit('an unknown runtime was taken')
except ClientError as e:
    assert e.response['Error']['Code'] == 'InvalidParameterValueException', e

def messages(pattern):
    pages = logs.get_paginator('filter_log_events').paginate(logGroupName='/aws/lambda/crop', filterPattern=pattern)
    try:
        return [e['message'] for page in pages for e in page['events']]
    except logs.exceptions.ResourceNotFoundException:  # until the function first logs
        return []

deadline = time.time() + 60
while len(messages('CROPPED')) < 21 and time.time() < deadline:
    time.sleep(0.2)
assert len(messages('CROPPED')) == 21, messages('')
while not messages('ValueError') and time.time() < deadline:
    time.sleep(0.2)
assert any('corrupt.jpg is no picture' in m for m in messages('ValueError')), messages('')
assert any('Init Duration' in m for m in messages('REPORT'))
print('ALL CROPPED')
