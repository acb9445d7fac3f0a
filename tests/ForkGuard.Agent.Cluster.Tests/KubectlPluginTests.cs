using System.Text.Json.Nodes;
using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;
using ForkGuard.Testing.Documentation;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Agent.Cluster.Tests;

/// <summary><c>kubectl forkguard</c> against a real API server, with the samples of docs/kubectl.md.</summary>
[Trait("Needs", "Machine")]
[Collection(nameof(KubectlPluginTests))]
[CollectionDefinition(nameof(KubectlPluginTests), DisableParallelization = true)]
public sealed class KubectlPluginTests : IClassFixture<PluginObjects>, IDisposable
{
    private const string Namespace = "shop";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-plugin-");
    private readonly ControlPlane _cluster;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Commands of the page with the output that follows each.</summary>
    private static IEnumerable<(DocumentedCommand Command, string Output)> Samples
    {
        get
        {
            var blocks = Page.Read("docs/kubectl.md").Blocks.ToList();
            return blocks
                .Zip(blocks.Skip(1))
                .Where(pair => pair.First.Kind == "sh" && pair.Second.Kind.Length == 0)
                .Select(pair =>
                    (Assert.Single(DocumentedCommand.In(pair.First.Lines)), string.Join('\n', pair.Second.Lines) + "\n")
                );
        }
    }

    public KubectlPluginTests(ControlPlane cluster)
    {
        _cluster = cluster;
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "kubectl-forkguard"), ForkGuardBinary.Path);
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "kubectl_complete-forkguard"), ForkGuardBinary.Path);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_samples_of_the_page_are_what_the_commands_print()
    {
        var samples = Samples.ToList();
        Assert.True(samples.Count >= 4);
        foreach (var (command, expected) in samples)
        {
            Assert.Equal(CommandPlace.Plugin, command.Place);
            var result = await RunAsync(command.Text.Split(' ')[2..]);
            Assert.True(result.StandardError.Length == 0, $"{command}: {result.StandardError}");
            Assert.Equal(expected, result.StandardOutput);
        }
    }

    [Fact]
    public async Task Namespaces_contexts_and_kubeconfigs_are_those_of_kubectl()
    {
        await KubectlAsync("config", "set-context", "--current", $"--namespace={Namespace}");
        var ofContext = await RunAsync("top");
        Assert.Contains("redis-0", ofContext.StandardOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("NAMESPACE", ofContext.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("No pods", (await RunAsync("top", "-n", "default")).StandardError, StringComparison.Ordinal);
        Assert.Contains(Namespace, (await RunAsync("top", "-A")).StandardOutput, StringComparison.Ordinal);

        var unknown = await RunAsync("status", "--context", "nowhere");
        Assert.Equal((3, ""), (unknown.ExitCode, unknown.StandardOutput));
        Assert.Contains("nowhere", unknown.StandardError, StringComparison.Ordinal);

        // As kubectl, a file of the list that does not exist is passed over, and what the first file lacks is in the second.
        var empty = Path.Combine(_folder.FullName, "first");
        await File.WriteAllTextAsync(empty, "apiVersion: v1\nkind: Config\n", Stop);
        var merged = await RunWithAsync($"{empty}:/no/such/file:{_cluster.Kubeconfig}", "top", "-A");
        Assert.Equal((0, ""), (merged.ExitCode, merged.StandardError));
        Assert.Contains("redis-0", merged.StandardOutput, StringComparison.Ordinal);

        var missing = await RunWithAsync("/no/such/file", "top", "-A");
        Assert.Equal((3, ""), (missing.ExitCode, missing.StandardOutput));
        Assert.Contains(
            "KUBECONFIG is \"/no/such/file\"): no such file",
            missing.StandardError,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Json_and_yaml_have_the_same_content()
    {
        var json = JsonNode.Parse((await RunAsync("why", "redis-0", "-n", Namespace, "-o", "json")).StandardOutput)!;
        Assert.Equal("Pids", (string?)json["constraints"]![0]!["constraint"]);
        Assert.Equal("Helped", (string?)json["restart"]!["result"]);
        Assert.StartsWith("SwitchedOff: ", (string?)json["watches"]![0]!["suppressed"], StringComparison.Ordinal);
        var text = (await RunAsync("why", "redis-0", "-n", Namespace, "-o", "yaml")).StandardOutput;
        var parsed = new YamlDotNet.Serialization.DeserializerBuilder()
            .Build()
            .Deserialize<Dictionary<string, object>>(text);
        Assert.Equal("redis-0", parsed["pod"]);
        Assert.Equal(json["events"]!.AsArray().Count, ((List<object>)parsed["events"]).Count);
        Assert.Equal(json.AsObject().Select(member => member.Key), parsed.Keys, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_pod_that_cannot_be_found_or_is_not_scheduled_is_explained()
    {
        var misspelt = await RunAsync("why", "redsi-0", "-n", Namespace);
        Assert.Equal((3, ""), (misspelt.ExitCode, misspelt.StandardOutput));
        Assert.Contains("did you mean redis-0?", misspelt.StandardError, StringComparison.Ordinal);
        var pending = await RunAsync("why", "pending-0", "-n", Namespace);
        Assert.Equal(3, pending.ExitCode);
        Assert.Contains("is on no node yet", pending.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_of_a_namespace_gets_what_the_role_allows()
    {
        await KubectlAsync("create", "serviceaccount", "viewer", "-n", Namespace);
        await KubectlAsync("apply", "-f", Path.Combine(RepositoryPaths.Root, "config", "rbac", "view.yaml"));
        string[] subject = ["-n", Namespace, $"--serviceaccount={Namespace}:viewer"];
        // What the role view has of a pod.
        await KubectlAsync("create", "role", "viewer", "-n", Namespace, "--verb=get,list", "--resource=pods,events");
        await KubectlAsync(["create", "rolebinding", "viewer", "--role=viewer", .. subject]);
        await KubectlAsync(["create", "rolebinding", "viewer-forkguard", "--clusterrole=forkguard-view", .. subject]);
        var kubeconfig = await _cluster.KubeconfigForAsync(Namespace, "viewer");
        var why = await RunWithAsync(kubeconfig, "why", "redis-0", "-n", Namespace);
        Assert.Equal((0, ""), (why.ExitCode, why.StandardError));
        Assert.Contains(
            "unknown: nodeforkreports.forkguard.io \"worker-1\" is forbidden",
            why.StandardOutput,
            StringComparison.Ordinal
        );
        Assert.Contains("ActionSuppressed: SwitchedOff", why.StandardOutput, StringComparison.Ordinal);
        Assert.Contains(
            "unknown: clusterforkwatches.forkguard.io is forbidden",
            why.StandardOutput,
            StringComparison.Ordinal
        );
        var status = await RunWithAsync(kubeconfig, "status");
        Assert.Equal(1, status.ExitCode);
        Assert.Contains("cannot list resource", status.StandardOutput, StringComparison.Ordinal);
    }

    /// <summary>No kubelet runs here: the kubectl that is called writes down what it was asked.</summary>
    [Fact]
    public async Task Check_runs_in_the_agent_of_the_pods_node()
    {
        var fake = Path.Combine(_folder.FullName, "kubectl");
        await File.WriteAllTextAsync(fake, "#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit 1\n", Stop);
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(fake, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var uid = (
            await _cluster.KubectlAsync("get", "pod", "redis-0", "-n", Namespace, "-o", "jsonpath={.metadata.uid}")
        ).StandardOutput;
        var check = await RunAsync("check", "redis-0", "-n", Namespace, "--kubeconfig", _cluster.Kubeconfig);
        Assert.Equal(("", 1), (check.StandardError, check.ExitCode));
        Assert.Equal(
            [
                $"--kubeconfig={_cluster.Kubeconfig}",
                "exec",
                "--namespace=forkguard-system",
                "forkguard-agent-x7f2k",
                "--",
                "forkguard",
                "check",
                "--pod",
                uid,
            ],
            check.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            StringComparer.Ordinal
        );
    }

    /// <summary>The output of whatever answers goes to the terminal of an administrator.</summary>
    [Fact]
    public async Task Objects_that_have_only_the_labels_of_ForkGuard_are_left_out()
    {
        var fake = Path.Combine(_folder.FullName, "kubectl");
        await File.WriteAllTextAsync(fake, "#!/bin/sh\necho \"$@\"\n", Stop);
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(fake, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        await KubectlAsync("create", "namespace", "apps");
        var pod = Path.Combine(_folder.FullName, "pod.yaml");
        await File.WriteAllTextAsync(
            pod,
            """
            apiVersion: v1
            kind: Pod
            metadata:
              name: impostor
              namespace: apps
              labels: { app.kubernetes.io/name: forkguard, app.kubernetes.io/component: agent }
            spec:
              nodeName: worker-1
              automountServiceAccountToken: false
              containers: [{ name: agent, image: impostor }]
            """,
            Stop
        );
        await Condition.HoldsAsync(
            async _ => (await _cluster.KubectlAsync("apply", "-f", pod)).ExitCode == 0,
            "the pod is accepted",
            cancellationToken: Stop
        );
        await KubectlAsync(
            "patch",
            "pod/impostor",
            "--namespace=apps",
            "--subresource=status",
            "--type=merge",
            "--patch",
            """{"status":{"conditions":[{"type":"Ready","status":"True"}]}}"""
        );
        await KubectlAsync("create", "configmap", "impostor", "--namespace=apps", "--from-literal=restarts=Off");
        await KubectlAsync("label", "configmap", "impostor", "--namespace=apps", "app.kubernetes.io/name=forkguard");
        try
        {
            var status = await RunAsync("status");
            Assert.Contains("patch configmap -n forkguard-system ", status.StandardOutput, StringComparison.Ordinal);
            var check = await RunAsync("check", "redis-0", "-n", Namespace);
            Assert.Equal("", check.StandardError);
            Assert.StartsWith(
                "exec --namespace=forkguard-system forkguard-agent-x7f2k ",
                check.StandardOutput,
                StringComparison.Ordinal
            );
        }
        finally
        {
            await KubectlAsync("delete", "pod", "impostor", "--namespace=apps", "--grace-period=0", "--force");
            await KubectlAsync("delete", "namespace", "apps", "--wait=false");
        }
    }

    [Fact]
    public async Task The_owner_is_the_one_whose_restarts_are_recorded()
    {
        const string owner =
            """[{"apiVersion":"example.com/v1","kind":"RedisCluster","name":"main","uid":"8d5a2f7e-1c7f-4b2c-9b43-8a4f3e0c1d2a","controller":true}]""";
        string[] redis = ["patch", "statefulset", "redis", "--namespace", Namespace, "--type=merge", "--patch"];
        await KubectlAsync([.. redis, $$"""{"metadata":{"ownerReferences":{{owner}} } }"""]);
        try
        {
            var why = await RunAsync("why", "redis-0", "-n", Namespace, "-o", "json");
            Assert.Equal("RedisCluster/main", (string?)JsonNode.Parse(why.StandardOutput)!["owner"]);
        }
        finally
        {
            await KubectlAsync([.. redis, """{"metadata":{"ownerReferences":null}}"""]);
        }
    }

    [Fact]
    public async Task Kubectl_completes_its_words()
    {
        var complete = await RunProgramAsync("kubectl_complete-forkguard", _cluster.Kubeconfig, "sta");
        Assert.Equal("status\n:4\n", complete.StandardOutput);
        var kinds = await RunProgramAsync("kubectl_complete-forkguard", _cluster.Kubeconfig, "top", "");
        Assert.Equal("pods\nnodes\n:4\n", kinds.StandardOutput);
        var options = await RunProgramAsync("kubectl_complete-forkguard", _cluster.Kubeconfig, "top", "--all");
        Assert.Equal("--all-namespaces\n:4\n", options.StandardOutput);
    }

    [Fact]
    public async Task Every_command_of_the_page_runs()
    {
        foreach (
            var command in Page
                .All.SelectMany(page => page.Commands)
                .Where(command => command.Place == CommandPlace.Plugin)
                .Where(command => !command.Text.Contains(" check ", StringComparison.Ordinal))
        )
        {
            var result = await RunAsync(command.Text.Split(' ')[2..]);
            Assert.True(result.ExitCode is 0 or 1, $"{command}: {result.StandardError}");
            Assert.NotEmpty(result.StandardOutput);
        }
    }

    private Task<BufferedCommandResult> RunAsync(params string[] arguments) =>
        RunWithAsync(_cluster.Kubeconfig, arguments);

    private Task<BufferedCommandResult> RunWithAsync(string kubeconfig, params string[] arguments) =>
        RunProgramAsync("kubectl-forkguard", kubeconfig, arguments);

    private async Task<BufferedCommandResult> RunProgramAsync(
        string program,
        string kubeconfig,
        params string[] arguments
    ) =>
        await CliWrap
            .Cli.Wrap(Path.Combine(_folder.FullName, program))
            .WithArguments(arguments)
            .WithEnvironmentVariables(variables =>
                variables
                    .Set("KUBECONFIG", kubeconfig)
                    .Set("PATH", $"{_folder.FullName}:{Environment.GetEnvironmentVariable("PATH")}")
            )
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(Stop);

    private async Task KubectlAsync(params string[] arguments)
    {
        var answer = await _cluster.KubectlAsync(arguments);
        Assert.True(answer.ExitCode == 0, answer.StandardError);
    }
}
