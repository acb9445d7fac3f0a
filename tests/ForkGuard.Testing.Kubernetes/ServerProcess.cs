using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace ForkGuard.Testing.Kubernetes;

/// <summary>A server of the tests' own. It dies with the process of the tests, however that ends.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private const int LogLines = 30;

    /// <summary>
    /// The kernel sends the parent-death signal when the thread that started the child ends (prctl(2)), and a thread of the
    /// pool ends when it was idle for a while.
    /// </summary>
    private static readonly BlockingCollection<Action> Starts = StartingThread();

    private readonly Process _process;
    private readonly string _log;
    private bool _isReported;

    private ServerProcess(string name, Process process, string log)
    {
        Name = name;
        _process = process;
        _log = log;
    }

    public string Name { get; }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where its output goes, into NAME.log.</param>
    public static Task<ServerProcess> StartAsync(string program, IEnumerable<string> arguments, string folder)
    {
        string name = Path.GetFileName(program);
        string log = Path.Combine(folder, name + ".log");
        ProcessStartInfo info = new(
            "setpriv",
            [
                "--pdeathsig",
                "KILL",
                "--",
                "/bin/sh",
                "-c",
                "exec \"$@\" >>\"$0\" 2>&1 </dev/null",
                log,
                program,
                .. arguments,
            ]
        )
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
        };
        TaskCompletionSource<ServerProcess> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                started.SetResult(new(name, Process.Start(info)!, log));
            }
            catch (Exception failure)
            {
                started.SetException(failure);
            }
        });
        return started.Task;
    }

    /// <summary>Sends SIGSTOP.</summary>
    public void Freeze() => Signal("STOP");

    /// <summary>Sends SIGCONT.</summary>
    public void Thaw() => Signal("CONT");

    /// <summary>Sends SIGKILL, and the process counts as one that ended by itself.</summary>
    public void Kill() => Signal("KILL");

    /// <summary>Asks until the server answers as wanted.</summary>
    /// <exception cref="InvalidOperationException">It ended instead; with the end of its log.</exception>
    /// <exception cref="TimeoutException">It did not within the limit; with the end of its log.</exception>
    public async Task WaitUntilAsync(Func<CancellationToken, Task<bool>> isReady, TimeSpan within)
    {
        try
        {
            await Condition.HoldsAsync(
                async token => HasExited ? throw Ended() : await isReady(token),
                $"{Name} is ready",
                within
            );
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\n{LogEnd()}", late);
        }
    }

    /// <summary>Ends it at once: a server that is asked to end waits for requests that nobody will finish.</summary>
    /// <exception cref="InvalidOperationException">It had ended by itself, which may be why tests failed; with the end of its log.</exception>
    public async ValueTask DisposeAsync()
    {
        Exception? ended = HasExited && !_isReported ? Ended() : null;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        if (ended is not null)
        {
            throw ended;
        }
    }

    private void Signal(string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, Pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        if (kill.ExitCode != 0)
        {
            throw new InvalidOperationException($"{Name} cannot be sent SIG{name}");
        }
    }

    private InvalidOperationException Ended()
    {
        _isReported = true;
        return new($"{Name} ended by itself with {_process.ExitCode}.\n{LogEnd()}");
    }

    private string LogEnd() => File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(LogLines)) : "";

    private static BlockingCollection<Action> StartingThread()
    {
        BlockingCollection<Action> starts = [];
        new Thread(() =>
        {
            foreach (Action start in starts.GetConsumingEnumerable())
            {
                start();
            }
        })
        {
            IsBackground = true,
            Name = "starts servers",
        }.Start();
        return starts;
    }
}
