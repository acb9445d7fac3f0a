using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using ForkGuard.Testing;

namespace ForkGuard.Symptoms.Tests;

/// <summary>A Debian program that runs in the root folder of <see cref="SymptomPrograms" />, with a /tmp of its own.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    // The shell becomes the program, so that the process that is started is the program.
    private const string Enter = """
        mount --bind /proc "$ROOT/proc" && mount --bind /dev "$ROOT/dev" && mount --bind "$SCRATCH" "$ROOT/tmp" && chmod 777 "$SCRATCH" || exit 99
        [ -z "$CGROUP" ] || echo $$ >"$CGROUP/cgroup.procs" || exit 99
        exec $BEFORE chroot --userspec="$ACCOUNT" "$ROOT" /usr/bin/env -i PATH=/usr/bin:/usr/sbin HOME=/tmp LC_ALL=C ${PRELOAD:+LD_PRELOAD=$PRELOAD} "$@"
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private RunningProgram(Process process, string scratch)
    {
        _process = process;
        Scratch = scratch;
    }

    internal int Pid => _process.Id;

    /// <summary>What the program has as /tmp.</summary>
    internal string Scratch { get; }

    internal string Output => string.Join('\n', _output);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Starts a program with the files of tests/symptoms in its /tmp.</summary>
    internal static RunningProgram Start(SymptomPrograms programs, Circumstances circumstances, params string[] command)
    {
        RunningProgram program = new(
            new Process { StartInfo = StartInfo(programs, circumstances, command) },
            circumstances.Scratch ?? CreateScratch(programs)
        );
        program._process.StartInfo.Environment["SCRATCH"] = program.Scratch;
        program._process.OutputDataReceived += (_, line) => program.Add(line.Data);
        program._process.ErrorDataReceived += (_, line) => program.Add(line.Data);
        program._process.Start();
        program._process.BeginOutputReadLine();
        program._process.BeginErrorReadLine();
        return program;
    }

    /// <summary>Runs another program to its end, with the same /tmp.</summary>
    internal async Task<string> RunBesideAsync(
        SymptomPrograms programs,
        Circumstances circumstances,
        params string[] command
    )
    {
        await using var other = Start(programs, circumstances with { Scratch = Scratch }, command);
        await other.EndsAsync();
        return other.Output;
    }

    /// <summary>Waits until the program has ended and its output is read.</summary>
    internal Task EndsAsync() => _process.WaitForExitAsync(Stop).WaitAsync(Limit, Stop);

    /// <summary>Waits until the program has printed a text.</summary>
    internal Task PrintsAsync(string text) =>
        Condition.HoldsAsync(
            _ =>
                Output.Contains(text, StringComparison.Ordinal) ? Task.FromResult(true)
                : _process.HasExited
                    ? throw new InvalidOperationException($"It ended without printing \"{text}\":\n{Output}")
                : Task.FromResult(false),
            $"\"{text}\" in the output",
            Limit,
            Stop
        );

    internal Task SendLineAsync() => _process.StandardInput.WriteLineAsync();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
        TestContext.Current.TestOutputHelper?.WriteLine(Output);
    }

    private static ProcessStartInfo StartInfo(
        SymptomPrograms programs,
        Circumstances circumstances,
        IReadOnlyList<string> command
    )
    {
        ProcessStartInfo info = new(
            "unshare",
            ["--mount", "--propagation", "private", "sh", "-c", Enter, "sh", .. command]
        )
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["ROOT"] = programs.Root;
        info.Environment["CGROUP"] = circumstances.Cgroup?.Directory ?? "";
        info.Environment["BEFORE"] = circumstances.Before;
        info.Environment["ACCOUNT"] = circumstances.Account;
        info.Environment["PRELOAD"] = circumstances.ReservesMoreThanRam ? "/tmp/reserve.so" : "";
        return info;
    }

    private static string CreateScratch(SymptomPrograms programs)
    {
        var scratch = Path.Combine(
            RepositoryPaths.Artifacts,
            "symptoms",
            RandomNumberGenerator.GetHexString(10, lowercase: true)
        );
        Directory.CreateDirectory(scratch);
        File.Copy(programs.ReserveLibrary, Path.Combine(scratch, "reserve.so"));
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(SymptomPrograms.File("spawn.sh"))!))
        {
            File.Copy(file, Path.Combine(scratch, Path.GetFileName(file)));
        }

        return scratch;
    }

    private void Add(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
        }
    }
}
