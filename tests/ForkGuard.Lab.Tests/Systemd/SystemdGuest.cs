using System.Globalization;
using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Systemd;

/// <summary>A Debian with systemd, D-Bus, polkit and the units of tests/systemd, and a shell in it.</summary>
internal sealed class SystemdGuest : IAsyncDisposable
{
    private const string Name = "systemd";
    private const int Mebibytes = 1536;

    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan SceneLimit = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly VirtualMachine _machine;

    private SystemdGuest(VirtualMachine machine) => _machine = machine;

    internal static async Task<SystemdGuest> BootAsync()
    {
        var kernel = await LabKernel.FetchAsync("trixie");
        return new(
            await VirtualMachine.BootAsync(
                kernel,
                Name,
                Mebibytes,
                cpus: 2,
                BuildAsync,
                BootLimit,
                "systemd.wants=lab.service systemd.getty_auto=no"
            )
        );
    }

    /// <summary>Runs a command of bash, which must succeed, and returns its output.</summary>
    internal async Task<string> RunAsync(string command)
    {
        var (code, output) = await TryAsync(command);
        Assert.True(code == 0, $"{command}: exit code {code}\n{output}");
        return output;
    }

    /// <summary>Waits until the output of a command is as wanted, and returns it.</summary>
    internal async Task<string> WaitAsync(string command, Func<string, bool> isWanted, string description)
    {
        using CancellationTokenSource limit = new(SceneLimit);
        while (true)
        {
            var (_, output) = await TryAsync(command);
            if (isWanted(output))
            {
                return output;
            }

            Assert.False(limit.IsCancellationRequested, $"{description}: {command} gives\n{output}");
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    private async Task<(int Code, string Output)> TryAsync(string command)
    {
        var answer = await _machine.AskAsync(command);
        await File.AppendAllTextAsync(
            Path.Combine(RepositoryPaths.Artifacts, "lab", $"{Name}.requests"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{TimeProvider.System.GetUtcNow():HH:mm:ss} {command}\n{string.Join('\n', answer.TakeLast(10))}\n"
            )
        );
        return (int.Parse(answer[0], CultureInfo.InvariantCulture), string.Join('\n', answer.Skip(1)));
    }

    /// <summary>The cached root, and behind it an archive with the files of the lab, which the kernel unpacks over it.</summary>
    private static async Task<string> BuildAsync()
    {
        var folder = Path.Combine(RepositoryPaths.Root, "tests", "systemd");
        var root = Path.Combine(await OutputOfAsync(Path.Combine(folder, "fetch-root")), "root.cpio");
        var package = await OutputOfAsync(Path.Combine(RepositoryPaths.Root, "eng", "deb"));
        var path = Path.Combine(RepositoryPaths.Artifacts, "lab", $"{Name}.initramfs");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(Path.Combine(RepositoryPaths.Artifacts, "lab", $"{Name}.requests"));
        await using var file = File.Create(path);
        await using (var cached = File.OpenRead(root))
        {
            await cached.CopyToAsync(file);
        }

        var archive = new CpioArchive(file);
        archive.AddProgram("init", await CProgram.BuildAsync("systemd/init", "systemd-init"));
        archive.AddDirectory("root/lab");
        archive.AddProgram("root/lab/daemon", await CProgram.BuildAsync("systemd/daemon", "systemd-daemon"));
        archive.AddProgram("root/lab/crash.so", await CProgram.BuildLibraryAsync("systemd/crash", "systemd-crash"));
        archive.AddProgram("root/lab/shell", Path.Combine(folder, "shell"));
        archive.AddProgram("root/lab/forkguard.deb", Path.Combine(RepositoryPaths.Root, package));
        archive.AddProgram("root/lab/50-lab.rules", Path.Combine(folder, "50-lab.rules"));
        foreach (var unit in Directory.EnumerateFiles(Path.Combine(folder, "units")).Order(StringComparer.Ordinal))
        {
            archive.AddProgram($"root/etc/systemd/system/{Path.GetFileName(unit)}", unit);
        }

        archive.End();
        return path;
    }

    private static async Task<string> OutputOfAsync(string program)
    {
        var result = await Cli.Wrap(program)
            .WithWorkingDirectory(RepositoryPaths.Root)
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync();
        Assert.True(result.ExitCode == 0, $"{program}: {result.StandardError}");
        return result.StandardOutput.Trim();
    }
}
