namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>Pods with limits of each kind, and an agent that scans every two seconds.</summary>
public sealed class ConstraintScenes : IAsyncLifetime
{
    internal const string Namespace = "limits";
    internal const string Container = "server";

    internal const string Pids = "pids";
    internal const string PidsOfUser = "pids-user";
    internal const string User = "user";
    internal const string SameUser = "same-user";
    internal const string PidNamespace = "pid-namespace";
    internal const string Memory = "memory";
    internal const string MemoryOfPod = "memory-pod";
    internal const string Root = "root";
    internal const string OtherUser = "other-user";

    /// <summary>Containers of the pod <see cref="Memory"/>, each with a limit of its own.</summary>
    internal static readonly string[] MemoryContainers = [Container, "spacious", "spared"];

    // A process with scattered pages takes more than half of it: the agent reads such a cgroup in every scan.
    private const string MemoryLimit = "resources: {limits: {memory: 40Mi}}";

    public async ValueTask InitializeAsync()
    {
        await Node.ScanEveryAsync(seconds: 2, CancellationToken.None);
        string[] manifests =
        [
            $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {Namespace}}}\n",
            Pod(Pids),
            Pod(PidsOfUser, "securityContext: {runAsUser: 23001}"),
            Pod(User, "securityContext: {runAsUser: 23002}"),
            Pod(SameUser, "securityContext: {runAsUser: 23002}"),
            Pod(PidNamespace, "securityContext: {capabilities: {add: [SYS_ADMIN]}}"),
            Pod(Memory, MemoryLimit, MemoryContainers),
            Pod(MemoryOfPod, $"{MemoryLimit}\n      securityContext: {{runAsUser: 23004}}"),
            Pod(Root),
            Pod(OtherUser, "securityContext: {runAsUser: 23003}"),
        ];
        await Installation.ApplyAsync(string.Join("---\n", manifests), CancellationToken.None);
        await Shell.SucceedAsync([
            "kubectl",
            "wait",
            "pods",
            "--all",
            "--namespace",
            Namespace,
            "--for=condition=Ready",
            "--timeout=2m",
        ]);
    }

    /// <summary>The agent uses its own interval again after the controller has created the report again.</summary>
    public async ValueTask DisposeAsync()
    {
        await Shell.SucceedAsync(["kubectl", "delete", "namespace", Namespace, "--wait=false"]);
        await Shell.SucceedAsync(["kubectl", "delete", "nodeforkreport", Node.Name]);
        await Node.ReportAsync(
            report => report["status"]?["observedTime"] is not null,
            "written again",
            CancellationToken.None
        );
    }

    private static string Pod(string name, string settings = "", params string[] containers) =>
        $$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: {{name}}, namespace: {{Namespace}}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:

            """
        + string.Concat(
            (containers.Length > 0 ? containers : [Container]).Select(container =>
                $$"""
                        - name: {{container}}
                          image: {{Images.Victim}}
                          imagePullPolicy: Never
                          stdin: true
                          args: [idle, "0"]
                          {{settings}}

                    """
            )
        );
}
