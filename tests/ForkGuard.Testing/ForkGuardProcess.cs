using System.Diagnostics;
using System.Globalization;
using System.Text;
using CliWrap;

namespace ForkGuard.Testing;

/// <summary>The published binary while it runs, such as <c>watch</c> without <c>--once</c>.</summary>
public sealed class ForkGuardProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Nobody _start;
    private readonly Task _reading;
    private readonly List<string> _lines = [];
    private readonly StringBuilder _errors = new();
    private readonly Lock _guard = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isOver;

    private ForkGuardProcess(Process process, Nobody start, bool isRead)
    {
        _process = process;
        _start = start;
        _reading = isRead ? ReadAllAsync() : Task.CompletedTask;
    }

    public int Pid => _process.Id;

    /// <summary>The lines of standard output so far.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_guard)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Standard error so far.</summary>
    public string Errors
    {
        get
        {
            lock (_guard)
            {
                return _errors.ToString();
            }
        }
    }

    /// <param name="arguments">Its arguments.</param>
    /// <param name="asNobody">As the user nobody without capabilities; as is when the tests are not run by root.</param>
    /// <param name="isRead">False leaves its output in the pipe, so that it stops once the pipe is full.</param>
    /// <param name="environment">Added to the environment.</param>
    /// <param name="program">A copy of the binary; null for the binary itself.</param>
    public static ForkGuardProcess Start(
        IEnumerable<string> arguments,
        bool asNobody = false,
        bool isRead = true,
        IReadOnlyDictionary<string, string>? environment = null,
        string? program = null
    )
    {
        program ??= ForkGuardBinary.Path;
        Nobody start = asNobody ? Nobody.ToRun(program) : Nobody.NotNeeded(program);
        ProcessStartInfo info = new(start.Program, [.. start.Leading, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            info.Environment[name] = value;
        }

        return new(Process.Start(info)!, start, isRead);
    }

    /// <summary>The first line, of those that have come or will come, that is as wanted.</summary>
    public async Task<string> WaitForLineAsync(
        Func<string, bool> isWanted,
        TimeSpan? within = null,
        CancellationToken cancellationToken = default
    )
    {
        string found = "";
        await TimeLimit.EnforceAsync(
            async token => found = await FindLineAsync(isWanted, token),
            () => $"the awaited line.\n{Transcript()}",
            cancellationToken,
            within
        );
        return found;
    }

    /// <summary>Sends a signal, such as INT, which is what Ctrl-C sends.</summary>
    public async Task SignalAsync(string signal, CancellationToken cancellationToken = default) =>
        await Cli.Wrap("/bin/sh")
            .WithArguments(["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {Pid}")])
            .ExecuteAsync(cancellationToken);

    public Task InterruptAsync(CancellationToken cancellationToken = default) => SignalAsync("INT", cancellationToken);

    /// <summary>Waits for its end, with all of its output read, and gives the exit code.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken = default)
    {
        await TimeLimit.EnforceAsync(EndAsync, () => $"its end.\n{Transcript()}", cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Ends this process, and no other.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
        _start.Dispose();
    }

    private async Task EndAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await _reading.WaitAsync(cancellationToken);
    }

    private async Task<string> FindLineAsync(Func<string, bool> isWanted, CancellationToken cancellationToken)
    {
        for (int seen = 0; ; )
        {
            (string[] fresh, bool isOver, Task changed) = LinesFrom(seen);
            if (Array.Find(fresh, line => isWanted(line)) is { } found)
            {
                return found;
            }

            seen += fresh.Length;
            if (isOver)
            {
                throw new InvalidOperationException($"forkguard ended without the awaited line.\n{Transcript()}");
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private async Task ReadAllAsync()
    {
        Task errors = ReadErrorsAsync();
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            Note(() => _lines.Add(line));
        }

        await errors;
        Note(() => _isOver = true);
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            Note(() => _errors.AppendLine(line));
        }
    }

    private void Note(Action change)
    {
        TaskCompletionSource announced;
        lock (_guard)
        {
            change();
            announced = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        announced.SetResult();
    }

    private (string[] Lines, bool IsOver, Task Changed) LinesFrom(int seen)
    {
        lock (_guard)
        {
            return ([.. _lines.Skip(seen)], _isOver, _changed.Task);
        }
    }

    private string Transcript() => $"Output:\n{string.Join('\n', Lines)}\nErrors:\n{Errors}";
}
