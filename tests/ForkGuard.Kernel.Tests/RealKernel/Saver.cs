using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Snapshots;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>The program of tests/saver, which forks and writes to its memory as a database does that saves.</summary>
internal sealed class Saver : IAsyncDisposable
{
    internal const ulong PageBytes = 4096;

    private readonly Process _process;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-saver-");

    private Saver(string program)
    {
        ProcessStartInfo start = new(program, [ProgressPath])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        Pid = _process.Id;
    }

    internal int Pid { get; }

    /// <summary>Path of a file that the saver may fill.</summary>
    internal string CachePath => Path.Combine(_folder.FullName, "cache");

    /// <summary>Bytes that the saver has rewritten, also once it was killed.</summary>
    internal ulong Rewritten => BinaryPrimitives.ReadUInt64LittleEndian(File.ReadAllBytes(ProgressPath)) * PageBytes;

    private string ProgressPath => Path.Combine(_folder.FullName, "progress");

    internal static async Task<Saver> StartAsync(MemoryCgroup? cgroup = null)
    {
        var saver = new Saver(await CProgram.BuildAsync("saver", "saver"));
        cgroup?.Add(saver.Pid);
        return saver;
    }

    /// <summary>A command that has to succeed. Returns its number.</summary>
    internal async Task<long> DoAsync(string command)
    {
        var answer = await TryAsync(command);
        Assert.Equal(0, answer?.Errno);
        return answer!.Value.Number;
    }

    /// <summary>A command that may fail: its errno and number, or null if the saver was killed.</summary>
    internal async Task<(int Errno, long Number)?> TryAsync(string command)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Victim.Limit);
        await _process.StandardInput.WriteLineAsync(command.AsMemory(), limit.Token);
        await _process.StandardInput.FlushAsync(limit.Token);
        var line = await _process.StandardOutput.ReadLineAsync(limit.Token);
        return line?.Split(' ') is [_, var errno, var number]
            ? (int.Parse(errno, CultureInfo.InvariantCulture), long.Parse(number, CultureInfo.InvariantCulture))
            : null;
    }

    /// <summary>A process as a scan would list it.</summary>
    internal static ListedProcess List(int pid)
    {
        Span<byte> buffer = stackalloc byte[1024];
        Assert.Equal(ReadStatus.Ok, new ProcRoot().TryRead(pid, "stat"u8, buffer, out var text));
        Assert.True(ProcessStat.TryParse(text, out var stat));
        return new ListedProcess(pid, stat.StartTime, stat.Parent, stat.StartStack);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
