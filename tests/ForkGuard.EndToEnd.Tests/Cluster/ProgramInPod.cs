using System.Diagnostics;
using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>The cgroups above a process of a pod that bound it.</summary>
internal enum PodLevel
{
    Container,
    Pod,
    QualityOfService,
}

/// <summary>
/// A program of the victim's image that <c>kubectl exec</c> starts in a container and that obeys lines: tests/victim or tests/forker.
/// </summary>
internal sealed class ProgramInPod : IAsyncDisposable
{
    /// <summary>In the place of an errno: the process was killed before its fork returned.</summary>
    public const int Killed = -1;

    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private string _folder = "";

    private ProgramInPod(Process process, string pod, string container) =>
        (_process, Pod, Container) = (process, pod, container);

    public string Pod { get; }

    public string Container { get; }

    /// <summary>Its pid on the node.</summary>
    public int Pid { get; private set; }

    /// <summary>Starts a victim, and returns once it has its layout.</summary>
    public static async Task<ProgramInPod> VictimAsync(
        string pod,
        string name,
        CancellationToken cancellationToken,
        string layout = "idle",
        long pages = 0,
        string container = ConstraintScenes.Container
    )
    {
        ProgramInPod victim = Start(pod, container, "/victim", name, layout, $"{pages}");
        string? ready = await victim.ReadLineAsync(cancellationToken);
        Assert.True(
            ready?.StartsWith("ready ", StringComparison.Ordinal) == true,
            $"the victim {name} in {pod} printed {ready}"
        );
        victim.Identify("/victim", name);
        return victim;
    }

    /// <summary>Starts a forker, and returns once it obeys.</summary>
    public static async Task<ProgramInPod> ForkerAsync(string pod, string name, CancellationToken cancellationToken)
    {
        ProgramInPod forker = Start(pod, ConstraintScenes.Container, "/forker", name);
        Assert.Equal(Errno.None, await forker.TellAsync("fork", cancellationToken));
        forker.Identify("/forker", name);
        return forker;
    }

    /// <summary>Lets it obey lines that must succeed.</summary>
    public async Task DoAsync(CancellationToken cancellationToken, params string[] lines)
    {
        foreach (string line in lines)
        {
            int error = await TellAsync(line, cancellationToken);
            Assert.True(error == Errno.None, $"{line} in {Pod} ended with {error}");
        }
    }

    /// <summary>Lets it really fork, and returns the errno or <see cref="Killed"/>.</summary>
    public async Task<int> ForkAsync(CancellationToken cancellationToken)
    {
        int error = await TellAsync("fork", cancellationToken);
        if (error == Killed)
        {
            await _process.WaitForExitAsync(cancellationToken);
            // kubectl ends as the program did: 128 and the number of the signal.
            Assert.Equal(128 + 9, _process.ExitCode);
        }

        return error;
    }

    /// <summary>A cgroup that bounds it, as this machine has it.</summary>
    public string CgroupOf(string controller, PodLevel level)
    {
        string[] lines = File.ReadAllLines(Path.Combine(_folder, "cgroup"));
        string path = lines
            .Select(line => line.Split(':', 3))
            .First(words => words[1].Split(',').Contains(controller, StringComparer.Ordinal))[2];
        for (int up = 0; up < (int)level; up++)
        {
            path = Path.GetDirectoryName(path)!;
        }

        return $"/sys/fs/cgroup/{controller}{path}";
    }

    /// <summary>It ends with its input; returns once no cgroup counts it any more.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await Condition.HoldsAsync(() => !Directory.Exists(_folder), $"a program in {Pod} has ended");
        _process.Kill();
        _process.Dispose();
    }

    private static ProgramInPod Start(
        string pod,
        string container,
        string program,
        string name,
        params string[] arguments
    )
    {
        string[] words =
        [
            "exec",
            "kubectl",
            "exec",
            pod,
            "--namespace",
            ConstraintScenes.Namespace,
            "--container",
            container,
            "--stdin",
            "--",
            program,
            "--name",
            name,
            .. arguments,
        ];
        ProcessStartInfo info = new(Shell.Script("node"), words)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new(Process.Start(info)!, pod, container);
    }

    // proc_pid_status(5): NSpid has the pid in each namespace, from that of this machine on.
    private void Identify(string program, string name)
    {
        _folder = NodeProcess.FolderOf(program, "--name", name);
        Pid = int.Parse(NodeProcess.StatusIn(_folder)["NSpid"].Split('\t')[1], CultureInfo.InvariantCulture);
    }

    /// <returns>The second word of the answer, which is the errno.</returns>
    private async Task<int> TellAsync(string line, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        string? answer = await ReadLineAsync(cancellationToken);
        return answer is null ? Killed : int.Parse(answer.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Soon);
        return await _process.StandardOutput.ReadLineAsync(limit.Token);
    }
}
