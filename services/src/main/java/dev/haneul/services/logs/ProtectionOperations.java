package dev.haneul.services.logs;

import dev.haneul.api.logs.*;
import dev.haneul.api.runtime.Call;

/** The operations about protection, export and indexes; a part of {@link LogsService}, for its length. */
abstract class ProtectionOperations implements LogsApi {
    abstract DataProtection protection();

    abstract Exports exports();

    abstract LogGroups groups();

    abstract FieldIndexes indexes();

    @Override
    public PutIndexPolicyResponse putIndexPolicy(PutIndexPolicyRequest in, Call call) {
        return indexes().put(in, call);
    }

    @Override
    public DeleteIndexPolicyResponse deleteIndexPolicy(DeleteIndexPolicyRequest in, Call call) {
        indexes().delete(in.logGroupIdentifier(), call);
        return new DeleteIndexPolicyResponse();
    }

    @Override
    public DescribeIndexPoliciesResponse describeIndexPolicies(DescribeIndexPoliciesRequest in, Call call) {
        return indexes().describe(in.logGroupIdentifiers(), call);
    }

    @Override
    public DescribeFieldIndexesResponse describeFieldIndexes(DescribeFieldIndexesRequest in, Call call) {
        return indexes().indexes(in.logGroupIdentifiers(), call);
    }

    @Override
    public GetLogGroupFieldsResponse getLogGroupFields(GetLogGroupFieldsRequest in, Call call) {
        return indexes().fields(in, call);
    }

    @Override
    public PutDataProtectionPolicyResponse putDataProtectionPolicy(PutDataProtectionPolicyRequest in, Call call) {
        return protection().put(in, call);
    }

    @Override
    public GetDataProtectionPolicyResponse getDataProtectionPolicy(GetDataProtectionPolicyRequest in, Call call) {
        return protection().get(in.logGroupIdentifier(), call);
    }

    @Override
    public DeleteDataProtectionPolicyResponse deleteDataProtectionPolicy(
            DeleteDataProtectionPolicyRequest in, Call call) {
        protection().delete(in.logGroupIdentifier(), call);
        return new DeleteDataProtectionPolicyResponse();
    }

    @Override
    public PutAccountPolicyResponse putAccountPolicy(PutAccountPolicyRequest in, Call call) {
        return protection().put(in, call);
    }

    @Override
    public DescribeAccountPoliciesResponse describeAccountPolicies(DescribeAccountPoliciesRequest in, Call call) {
        return protection().describe(in, call);
    }

    @Override
    public DeleteAccountPolicyResponse deleteAccountPolicy(DeleteAccountPolicyRequest in, Call call) {
        protection().delete(in, call);
        return new DeleteAccountPolicyResponse();
    }

    @Override
    public CreateExportTaskResponse createExportTask(CreateExportTaskRequest in, Call call) {
        return new CreateExportTaskResponse().taskId(exports().create(in, call));
    }

    @Override
    public DescribeExportTasksResponse describeExportTasks(DescribeExportTasksRequest in, Call call) {
        return exports().describe(in, call);
    }

    @Override
    public CancelExportTaskResponse cancelExportTask(CancelExportTaskRequest in, Call call) {
        exports().cancel(in.taskId(), call);
        return new CancelExportTaskResponse();
    }

    @Override
    public ListLogGroupsResponse listLogGroups(ListLogGroupsRequest in, Call call) {
        return groups().list(in, call);
    }

    @Override
    public AssociateKmsKeyResponse associateKmsKey(AssociateKmsKeyRequest in, Call call) {
        groups().key(in.logGroupName(), in.resourceIdentifier(), in.kmsKeyId(), call);
        return new AssociateKmsKeyResponse();
    }

    @Override
    public DisassociateKmsKeyResponse disassociateKmsKey(DisassociateKmsKeyRequest in, Call call) {
        groups().key(in.logGroupName(), in.resourceIdentifier(), null, call);
        return new DisassociateKmsKeyResponse();
    }
}
