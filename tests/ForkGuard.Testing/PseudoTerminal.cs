using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ForkGuard.Testing;

/// <summary>The published binary on a terminal of a chosen width, by script(1).</summary>
public sealed partial class PseudoTerminal : IAsyncDisposable
{
    private const char CtrlC = '\u0003';

    private readonly Process _script;
    private readonly Task _reading;
    private readonly StringBuilder _output = new();
    private readonly Lock _guard = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PseudoTerminal(Process script)
    {
        _script = script;
        _reading = ReadAllAsync();
    }

    /// <summary>All that was written to the terminal so far, escape sequences included.</summary>
    public string Output
    {
        get
        {
            lock (_guard)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>The lines without escape sequences, each as often as it was drawn.</summary>
    public IReadOnlyList<string> Lines => EscapeSequence().Replace(Output, "").Split(['\r', '\n']);

    /// <summary>Starts it on a terminal of 24 rows.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="columns">The terminal's width.</param>
    /// <param name="environment">Added to the environment.</param>
    public static PseudoTerminal Start(
        IEnumerable<string> arguments,
        int columns,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        string command = string.Join(' ', arguments.Prepend(ForkGuardBinary.Path).Select(Quote));
        string sized = string.Create(CultureInfo.InvariantCulture, $"stty cols {columns} rows 24; exec {command}");
        ProcessStartInfo info = new("script", ["-qec", sized, "/dev/null"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        info.Environment["TERM"] = "xterm-256color";
        info.Environment["SHELL"] = "/bin/sh";
        info.Environment.Remove("NO_COLOR");
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            info.Environment[name] = value;
        }

        return new(Process.Start(info)!);
    }

    /// <summary>Waits until the output, without escape sequences, is as wanted.</summary>
    public Task WaitForAsync(
        Func<IReadOnlyList<string>, bool> isWanted,
        CancellationToken cancellationToken = default
    ) =>
        TimeLimit.EnforceAsync(
            async token =>
            {
                for (Task changed = NextChange(); !isWanted(Lines); changed = NextChange())
                {
                    await changed.WaitAsync(token);
                }
            },
            () => $"what was awaited on the terminal:\n{Output}",
            cancellationToken
        );

    /// <summary>Presses Ctrl-C: the terminal makes a signal of it.</summary>
    public Task PressCtrlCAsync(CancellationToken cancellationToken = default) =>
        PressAsync(CtrlC.ToString(), cancellationToken);

    /// <summary>Presses keys.</summary>
    public async Task PressAsync(string keys, CancellationToken cancellationToken = default)
    {
        await _script.StandardInput.WriteAsync(keys.AsMemory(), cancellationToken);
        await _script.StandardInput.FlushAsync(cancellationToken);
    }

    /// <summary>Waits for the program's end and gives its exit code.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellationToken = default)
    {
        await TimeLimit.EnforceAsync(
            async token =>
            {
                await _script.WaitForExitAsync(token);
                await _reading.WaitAsync(token);
            },
            () => $"its end:\n{Output}",
            cancellationToken
        );
        return _script.ExitCode;
    }

    /// <summary>Closes the terminal, which hangs up on the program.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_script.HasExited)
        {
            _script.Kill();
        }

        await _script.WaitForExitAsync();
        await _reading;
        _script.Dispose();
    }

    private static string Quote(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // ECMA-48: control sequences such as a colour, and two-byte escapes such as the keypad mode.
    [GeneratedRegex(
        @"\x1b(\[[0-?]*[ -/]*[@-~]|[@-Z\\-_=>])",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex EscapeSequence();

    private async Task ReadAllAsync()
    {
        char[] buffer = new char[4096];
        for (int count; (count = await _script.StandardOutput.ReadAsync(buffer)) > 0; )
        {
            TaskCompletionSource announced;
            lock (_guard)
            {
                _output.Append(buffer, 0, count);
                announced = _changed;
                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            announced.SetResult();
        }
    }

    private Task NextChange()
    {
        lock (_guard)
        {
            return _changed.Task;
        }
    }
}
