using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;

namespace ForkGuard.Symptoms.Tests;

/// <summary>Go programs, such as Docker and containerd. They end at once, so the kernel's count is compared.</summary>
public sealed class GoTests
{
    private const int MaxThreads = 40;

    private const string Kubeconfig = """
        apiVersion: v1
        kind: Config
        current-context: none
        contexts: [{name: none, context: {cluster: none, user: none}}]
        clusters: [{name: none, cluster: {server: "https://127.0.0.1:1"}}]
        users: [{name: none, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: /usr/bin/true, interactiveMode: Never}}}]
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refused_thread_of_a_program_with_C_code_aborts_it()
    {
        var containerd = await FetchAsync("fetch-containerd", "bin/containerd");
        await using var cgroup = TestCgroup.Create();
        cgroup.SetMax(Refusal.NoTasks);
        Assert.Contains(
            Symptom.GoThreadOfC,
            await RunInAsync(cgroup, containerd, "--version"),
            StringComparison.Ordinal
        );
        Assert.NotEqual(0UL, cgroup.RefusedForks());
    }

    [Fact]
    public async Task A_refused_thread_of_a_program_without_C_code_aborts_it()
    {
        var kubectl = await FetchAsync("fetch-kubectl-helm", "kubectl");
        await using var cgroup = TestCgroup.Create();
        cgroup.SetMax(Refusal.NoTasks);
        Assert.Contains(Symptom.GoThread, await RunInAsync(cgroup, kubectl, "version"), StringComparison.Ordinal);
        Assert.NotEqual(0UL, cgroup.RefusedForks());
    }

    /// <summary>The number of threads that the runtime starts before the child differs from run to run.</summary>
    [Fact]
    public async Task A_refused_child_is_an_error_of_fork_exec()
    {
        var kubectl = await FetchAsync("fetch-kubectl-helm", "kubectl");
        var kubeconfig = Path.GetTempFileName();
        await File.WriteAllTextAsync(kubeconfig, Kubeconfig, Stop);
        await using var cgroup = TestCgroup.Create();
        var answer = "";
        var tasks = 2;
        await Condition.HoldsAsync(
            async _ =>
            {
                cgroup.SetMax((ulong)tasks);
                answer = await RunInAsync(cgroup, kubectl, "--kubeconfig", kubeconfig, "get", "--raw", "/");
                tasks = tasks < MaxThreads ? tasks + 1 : 2;
                return answer.Contains(Symptom.GoChild, StringComparison.Ordinal);
            },
            "a number of tasks that lets the threads start, and not the child",
            TimeSpan.FromMinutes(2),
            Stop
        );
        File.Delete(kubeconfig);
        Assert.NotEqual(0UL, cgroup.RefusedForks());
    }

    private static async Task<string> FetchAsync(string script, string program)
    {
        var result = await Cli.Wrap(Path.Combine(RepositoryPaths.Root, "tests", "cluster", script))
            .ExecuteBufferedAsync(Stop);
        return Path.Combine(result.StandardOutput.Trim(), program);
    }

    private static async Task<string> RunInAsync(TestCgroup cgroup, params string[] command)
    {
        var result = await Cli.Wrap("sh")
            .WithArguments(["-c", "echo $$ >\"$0/cgroup.procs\" && exec \"$@\"", cgroup.Directory, .. command])
            // Few threads, or another one than the child is refused in most runs.
            .WithEnvironmentVariables(environment => environment.Set("GOMAXPROCS", "1").Set("GOGC", "off"))
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(Stop);
        return result.StandardOutput + result.StandardError;
    }
}
