using System.Text.Json.Nodes;
using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests.Packaging;

/// <summary>The files of a release, made of the published binary.</summary>
[Trait("Needs", "Machine")]
public sealed class ReleaseTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-release-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_same_commit_gives_the_same_bytes_and_right_checksums()
    {
        var first = await BuildAsync("first");
        var second = await BuildAsync("second");
        var names = Directory.GetFiles(first).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();

        Assert.Equal(6, names.Count);
        Assert.All(
            names,
            name =>
                Assert.Equal(
                    File.ReadAllBytes(Path.Combine(first, name!)),
                    File.ReadAllBytes(Path.Combine(second, name!))
                )
        );
        await RunAsync("sha256sum", first, "--check", "--strict", "SHA256SUMS");
    }

    [Fact]
    public async Task The_archive_has_the_program_and_the_bill_of_materials_its_packages()
    {
        var release = await BuildAsync("one");
        var archive = Assert.Single(Directory.GetFiles(release, "forkguard-*-linux-*.tar.gz"));
        await RunAsync("tar", release, "--extract", "--file", archive, "--strip-components=1");
        var version = await RunAsync(Path.Combine(release, "forkguard"), release, "--version");
        var materials = JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(release, "forkguard.cdx.json"), Check.Stop)
        )!;
        var packages = materials["components"]!
            .AsArray()
            .Select(package => (string)package!["name"]!)
            .ToHashSet(StringComparer.Ordinal);

        Assert.StartsWith((string)materials["metadata"]!["component"]!["version"]!, version, StringComparison.Ordinal);
        Assert.Contains("Tmds.DBus.Protocol", packages);
        Assert.DoesNotContain("Roslynator.Analyzers", packages);
    }

    private async Task<string> BuildAsync(string name)
    {
        var folder = Path.Combine(_folder.FullName, name);
        await RunAsync(Path.Combine(RepositoryPaths.Root, "eng", "release"), RepositoryPaths.Root, folder);
        return folder;
    }

    private static async Task<string> RunAsync(string program, string folder, params string[] arguments)
    {
        var result = await CliWrap
            .Cli.Wrap(program)
            .WithArguments(arguments)
            .WithWorkingDirectory(folder)
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(Check.Stop);
        Assert.True(result.ExitCode == 0, $"{program}: {result.StandardError}{result.StandardOutput}");
        return result.StandardOutput;
    }
}
