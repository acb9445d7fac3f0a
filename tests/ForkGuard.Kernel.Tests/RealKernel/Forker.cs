using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>tests/forker: a process that puts itself where forks are refused, and really forks. One command at a time.</summary>
internal sealed class Forker : IAsyncDisposable
{
    internal const int CloneNewPid = 0x20000000;
    internal const int CloneNewUser = 0x10000000;

    private static readonly Lazy<Task<string>> Program = new(() => CProgram.BuildAsync("forker", "forker"));

    private readonly Process _process;

    private bool _isDisposed;

    private Forker(Process process)
    {
        _process = process;
        Pid = process.Id;
    }

    internal int Pid { get; }

    /// <summary>Pid of the last child, in the pid namespace of the forker.</summary>
    internal int Child { get; private set; }

    internal static async Task<Forker> StartAsync()
    {
        ProcessStartInfo info = new(await Program.Value)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new Forker(Process.Start(info)!);
    }

    /// <summary>A uid that no other process has.</summary>
    internal static uint UniqueUid() => (uint)RandomNumberGenerator.GetInt32(1_000_000, 2_000_000);

    /// <summary>A real fork whose child ends at once: 0 or the errno.</summary>
    internal Task<int> ForkAsync() => AskAsync("fork");

    /// <summary>Sends a command and returns 0 or the errno.</summary>
    internal async Task<int> AskAsync(string command)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await _process.StandardInput.WriteAsync($"{command}\n".AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        var line = await _process
            .StandardOutput.ReadLineAsync(cancellationToken)
            .AsTask()
            .WaitAsync(Victim.Limit, cancellationToken);
        var words = line?.Split(' ') ?? throw new InvalidOperationException($"the forker ended at: {command}");
        Assert.Equal(command.Split(' ')[0], words[0]);
        Child = int.Parse(words[2], CultureInfo.InvariantCulture);
        return int.Parse(words[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Sends a command that has to succeed.</summary>
    internal async Task DoAsync(string command) => Assert.Equal(Errno.None, await AskAsync(command));

    /// <summary>Takes a uid of its own with these capabilities, permitted and effective.</summary>
    internal Task BecomeAsync(uint uid, ulong capabilities = 0) =>
        DoAsync(string.Create(CultureInfo.InvariantCulture, $"user {uid} {capabilities}"));

    internal Task LimitAsync(ulong processes) =>
        DoAsync(string.Create(CultureInfo.InvariantCulture, $"nproc {processes}"));

    internal Task UnshareAsync(int flags) => DoAsync(string.Create(CultureInfo.InvariantCulture, $"unshare {flags}"));

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }
}
