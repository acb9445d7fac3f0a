using ForkGuard.Testing;

namespace ForkGuard.Agent.Tests.EndToEnd.Agent;

/// <summary>What is missing or wrong at the start ends the agent with a line that says the cure.</summary>
[Trait("Needs", "Machine")]
public sealed class AgentUsageTests : IDisposable
{
    private static readonly Dictionary<string, string?> NoName = new(StringComparer.Ordinal) { ["NODE_NAME"] = null };
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-usage-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("give --node-name, or set NODE_NAME", "agent")]
    [InlineData("--node-name is \"Node_1\", which no node can be called", "agent", "--node-name", "Node_1")]
    [InlineData("--node-name is \"../x\"", "agent", "--node-name", "../x")]
    [InlineData("must be ADDRESS:PORT", "agent", "--node-name", "n", "--listen", "8080")]
    [InlineData("must be ADDRESS:PORT", "agent", "--node-name", "n", "--listen", "0.0.0.0:99999")]
    public async Task Wrong_words_end_with_2(string said, params string[] arguments)
    {
        var result = await ForkGuardBinary.RunAsync(arguments, environment: NoName, cancellationToken: Check.Stop);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(said, result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_of_the_environment_is_held_to_the_same()
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["NODE_NAME"] = "no/de" };
        var result = await ForkGuardBinary.RunAsync(["agent"], environment: environment, cancellationToken: Check.Stop);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("NODE_NAME is \"no/de\"", result.StandardError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("apiVersion: v1\nkind: Config\n")]
    [InlineData("apiVersion: v1\nkind: Config\ncurrent-context: a\n")]
    public async Task A_kubeconfig_that_cannot_be_used_is_named(string? content)
    {
        var file = Path.Combine(_folder.FullName, "kubeconfig");
        if (content is not null)
        {
            await File.WriteAllTextAsync(file, content, Check.Stop);
        }

        var result = await ForkGuardBinary.RunAsync(
            ["agent", "--node-name", "n", "--kubeconfig", file],
            cancellationToken: Check.Stop
        );
        Assert.Equal(3, result.ExitCode);
        Assert.StartsWith($"forkguard: --kubeconfig: {file}: ", result.StandardError, StringComparison.Ordinal);
        Assert.Single(result.StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("missing", "no such file")]
    [InlineData("other", "no such context")]
    public async Task KUBECONFIG_takes_the_place_of_the_file_in_the_home_folder(string name, string expected)
    {
        const string context = "apiVersion: v1\nkind: Config\ncurrent-context: ";
        var home = Directory.CreateDirectory(Path.Combine(_folder.FullName, ".kube"));
        await File.WriteAllTextAsync(
            Path.Combine(home.FullName, "config"),
            context + "of the home folder\n",
            Check.Stop
        );
        await File.WriteAllTextAsync(
            Path.Combine(_folder.FullName, "other"),
            context + "no such context\n",
            Check.Stop
        );
        var file = Path.Combine(_folder.FullName, name);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["HOME"] = _folder.FullName,
            ["KUBECONFIG"] = file,
        };

        var result = await ForkGuardBinary.RunAsync(
            ["agent", "--node-name", "n"],
            environment: environment,
            cancellationToken: Check.Stop
        );
        Assert.Equal(3, result.ExitCode);
        Assert.Contains($"KUBECONFIG is \"{file}\"", result.StandardError, StringComparison.Ordinal);
        Assert.Contains(expected, result.StandardError, StringComparison.Ordinal);
    }
}
