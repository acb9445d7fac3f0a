using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests.Packaging;

/// <summary>The Debian package of the published binary.</summary>
[Trait("Needs", "Machine")]
public sealed class DebianPackageTests : IDisposable
{
    private const StringComparison Ordinal = StringComparison.Ordinal;
    private const string Manifest = "etc/forkguard/host-processes.yaml";
    private const string Options = "etc/default/forkguard";

    private static readonly string[] DatabaseFolders = ["var/lib/dpkg/updates", "var/lib/dpkg/info"];
    private static readonly string[] DatabaseFiles = ["var/lib/dpkg/status", "var/lib/dpkg/available"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-deb-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_same_binary_gives_the_same_bytes()
    {
        var first = await BuildAsync("1.0", "first");
        var second = await BuildAsync("1.0", "second");
        Assert.Equal(await File.ReadAllBytesAsync(first, Check.Stop), await File.ReadAllBytesAsync(second, Check.Stop));
    }

    [Fact]
    public async Task Lintian_reports_no_error_and_no_warning()
    {
        var package = await BuildAsync("1.0");
        var output = await SucceedAsync("lintian", "--allow-root", "--fail-on", "error,warning", package);
        Assert.Equal("", output);
    }

    [Fact]
    public async Task It_installs_upgrades_with_changed_configuration_and_is_removed_and_purged()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "asks for root, to install a package");
        await DpkgAsync("--install", await BuildAsync("1.0"));
        Assert.Contains("0.1.0", await SucceedAsync(PathOf("usr/bin/forkguard"), "--version"), Ordinal);
        Assert.True(File.Exists(PathOf("lib/systemd/system/forkguard.service")));
        Assert.True(IsEnabled);
        string[] watch = ["watch", "--once", "-f", PathOf("etc/forkguard")];
        Assert.Contains("watching ClusterForkWatch/host", await RunAsync(PathOf("usr/bin/forkguard"), watch), Ordinal);

        await File.AppendAllTextAsync(PathOf(Manifest), "# changed\n", Check.Stop);
        await File.WriteAllTextAsync(PathOf(Options), "FORKGUARD_OPTIONS=\"--interval 60\"\n", Check.Stop);
        await DpkgAsync("--install", await BuildAsync("1.1"));
        Assert.Contains("Version: 1.1", await DpkgAsync("--status", "forkguard"), Ordinal);
        Assert.EndsWith("# changed\n", await File.ReadAllTextAsync(PathOf(Manifest), Check.Stop), Ordinal);
        Assert.Contains("--interval 60", await File.ReadAllTextAsync(PathOf(Options), Check.Stop), Ordinal);

        await DpkgAsync("--remove", "forkguard");
        Assert.False(File.Exists(PathOf("usr/bin/forkguard")));
        Assert.True(File.Exists(PathOf(Manifest)));

        await DpkgAsync("--purge", "forkguard");
        Assert.Empty(
            FilesOf("etc")
                .Where(file => !IsOfAccounts(file))
                .Concat(FilesOf("lib"))
                .Concat(FilesOf("usr"))
                .Concat(FilesOf("var/lib/systemd"))
        );
        Assert.False(Directory.Exists(PathOf("etc/forkguard")));
    }

    /// <summary>deb-systemd-helper(1p) enables a unit with a link.</summary>
    private bool IsEnabled =>
        new FileInfo(PathOf("etc/systemd/system/multi-user.target.wants/forkguard.service")).LinkTarget is not null;

    /// <summary>A package never removes its user, whose files may remain.</summary>
    private static bool IsOfAccounts(string file) =>
        Path.GetFileName(file).TrimEnd('-') is "passwd" or "group" or "shadow" or "gshadow" or ".pwd.lock";

    private string Root => Path.Combine(_folder.FullName, "root");

    private string PathOf(string file) => Path.Combine(Root, file);

    private IEnumerable<string> FilesOf(string folder) =>
        Directory.Exists(PathOf(folder))
            ? Directory.EnumerateFiles(PathOf(folder), "*", SearchOption.AllDirectories)
            : [];

    private async Task<string> BuildAsync(string version, string folder = "packages")
    {
        var result = await CliWrap
            .Cli.Wrap(Path.Combine(RepositoryPaths.Root, "eng/deb"))
            .WithArguments([Path.Combine(_folder.FullName, folder)])
            .WithEnvironmentVariables(variables =>
                variables.Set("VERSION", version).Set("SOURCE_DATE_EPOCH", "1700000000")
            )
            .ExecuteBufferedAsync(Check.Stop);
        return result.StandardOutput.TrimEnd();
    }

    /// <summary>In a root of its own, whose maintainer scripts are run with DPKG_ROOT. The C library is that of the machine.</summary>
    private Task<string> DpkgAsync(params string[] arguments)
    {
        foreach (var folder in DatabaseFolders)
        {
            Directory.CreateDirectory(PathOf(folder));
        }

        foreach (var file in DatabaseFiles.Select(PathOf))
        {
            File.AppendAllText(file, "");
        }

        return SucceedAsync("dpkg", [$"--root={Root}", "--force-script-chrootless,depends", .. arguments]);
    }

    private static async Task<string> SucceedAsync(string program, params string[] arguments)
    {
        var result = await ExecuteAsync(program, arguments);
        Assert.True(result.ExitCode == 0, $"{program}: {result.StandardOutput}{result.StandardError}");
        return result.StandardOutput;
    }

    private static async Task<string> RunAsync(string program, params string[] arguments) =>
        (await ExecuteAsync(program, arguments)).StandardOutput;

    private static async Task<BufferedCommandResult> ExecuteAsync(string program, string[] arguments) =>
        await CliWrap
            .Cli.Wrap(program)
            .WithArguments(arguments)
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(Check.Stop);
}
