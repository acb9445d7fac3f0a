using System.Net;
using System.Net.Sockets;
using ForkGuard.Testing;
using ForkGuard.Testing.Documentation;

namespace ForkGuard.Cli.Tests.Serving;

/// <summary><c>watch --listen</c>: metrics and health of a host.</summary>
[Trait("Needs", "Machine")]
public sealed class ListenTests
{
    [Fact]
    public async Task Health_and_readiness_are_answered_after_the_first_scan()
    {
        using var folder = WatchFolder.OfItsCommand();
        await using var watch = await ListeningWatch.StartAsync(folder);
        await Condition.HoldsAsync(
            async _ => await watch.CodeOfAsync("/readyz") == HttpStatusCode.OK,
            "the watch is ready",
            cancellationToken: Check.Stop
        );
        Assert.Equal("ok\n", await watch.GetAsync("/healthz"));
        Assert.Equal(HttpStatusCode.NotFound, await watch.CodeOfAsync("/"));
    }

    [Fact]
    public async Task Every_scraped_metric_is_on_the_page_with_its_type()
    {
        Machine.MustHoldTheLargestMappingAgainstTheTotal();
        using var folder = WatchFolder.OfItsCommand(holdSeconds: 0);
        await using var victim = await folder.StartVictimAsync(MemoryLimit.Pages() + 1);
        await using var watch = await ListeningWatch.StartAsync(folder);
        await watch.HasValueAsync("forkguard_announcements_total{reason=\"ForkImpossible\"}", "1");
        var documented = Page
            .Configuration.TableUnder("Metrics of the agent")
            .Concat(Page.Configuration.TableUnder("Metrics of every program"))
            .Concat(Page.Read("docs/host.md").TableUnder("Metrics"))
            .Select(row => $"{row[0].Trim('`')} {row[1]}")
            .ToHashSet(StringComparer.Ordinal);
        var scraped = (await watch.GetAsync("/metrics"))
            .Split('\n')
            .Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal))
            .Select(line => line["# TYPE ".Length..])
            .Where(metric => !metric.StartsWith("dotnet_", StringComparison.Ordinal))
            .ToHashSet(StringComparer.Ordinal);
        Assert.Contains("forkguard_limit_bytes gauge", scraped);
        Assert.Subset(documented, scraped);
        Assert.Equal("1", await watch.ValueOfAsync(AtRisk("LargestMapping")));
        Assert.Equal("0", await watch.ValueOfAsync(AtRisk("Pids")));
        Assert.Equal("0", await watch.ValueOfAsync("forkguard_manifest_errors"));
    }

    [Fact]
    public async Task Counters_exist_before_their_first_count()
    {
        using var folder = WatchFolder.OfItsCommand();
        await using var watch = await ListeningWatch.StartAsync(folder);
        await watch.HasValueAsync("forkguard_scan_failures_total", "0");
        Assert.Equal("0", await watch.ValueOfAsync("forkguard_overcommit_mode_changes_total"));
        Assert.Equal("0", await watch.ValueOfAsync("forkguard_announcements_total{reason=\"ForkAtRisk\"}"));
    }

    [Fact]
    public async Task Both_families_are_answered_by_the_address_of_all()
    {
        using var folder = WatchFolder.OfItsCommand();
        await using var watch = await ListeningWatch.StartAsync(folder, "[::]");
        Assert.Equal("ok\n", await watch.GetAsync("/healthz", "127.0.0.1"));
        Assert.Equal("ok\n", await watch.GetAsync("/healthz", "[::1]"));
    }

    [Fact]
    public async Task It_ends_with_0_when_it_is_stopped()
    {
        using var folder = WatchFolder.OfItsCommand();
        await using var watch = await ListeningWatch.StartAsync(folder);
        await watch.Process.SignalAsync("TERM", Check.Stop);
        Assert.Equal(0, await watch.Process.WaitForExitAsync(Check.Stop));
        Assert.StartsWith("stopped after ", watch.Process.Lines[^1], StringComparison.Ordinal);
        Assert.Equal("", watch.Process.Errors);
    }

    [Theory]
    [InlineData("watch", "-f", "config/samples/host-processes.yaml")]
    [InlineData("agent", "--node-name", "n", "--kubeconfig", "KUBECONFIG")]
    public async Task A_port_in_use_ends_with_2_and_names_the_option_and_the_cure(params string[] arguments)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var result = await RunAsync([.. arguments, "--listen", $"{taken.LocalEndpoint}"]);
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(
            $"forkguard: --listen 127.0.0.1:{port}: port {port} is in use; use another port, or stop the program that `ss -ltnp` lists for it\n",
            result.StandardError
        );
    }

    [Fact]
    public async Task An_address_of_another_machine_ends_with_2_and_the_cure()
    {
        var result = await RunAsync(["watch", "-f", "config/samples", "--listen", "192.0.2.1:9090"]);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith(
            "forkguard: --listen 192.0.2.1:9090: 192.0.2.1 is not an address of this machine; use ",
            result.StandardError,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("9090")]
    [InlineData(":9090")]
    [InlineData("localhost:9090")]
    [InlineData("1:9090")]
    [InlineData("::1:9090")]
    [InlineData("[::1]")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    public async Task A_bad_address_ends_with_2_and_an_example(string address)
    {
        var result = await RunAsync(["watch", "-f", "config/samples", "--listen", address]);
        Assert.Equal((2, ""), (result.ExitCode, result.StandardOutput));
        Assert.StartsWith(
            $"forkguard: --listen is \"{address}\" but must be ADDRESS:PORT with an IP address, such as 0.0.0.0:8080 or [::]:8080\n",
            result.StandardError,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_single_scan_does_not_listen()
    {
        var result = await RunAsync(["watch", "-f", "config/samples", "--once", "--listen", "127.0.0.1:0"]);
        Assert.Equal((2, ""), (result.ExitCode, result.StandardOutput));
        Assert.Contains("--listen may not be set when --once is set", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_option_it_has_no_socket()
    {
        using var folder = WatchFolder.OfItsCommand();
        await using var watch = folder.Watch();
        await watch.WaitForLineAsync(
            line => line.StartsWith("first scan: ", StringComparison.Ordinal),
            cancellationToken: Check.Stop
        );
        var targets = Directory
            .EnumerateFiles($"/proc/{watch.Pid}/fd")
            .Select(file => new FileInfo(file).LinkTarget ?? "");
        Assert.DoesNotContain(targets, target => target.StartsWith("socket:", StringComparison.Ordinal));
    }

    private static string AtRisk(string constraint) =>
        $"forkguard_targets_at_risk{{constraint=\"{constraint}\",watch_kind=\"ClusterForkWatch\",watch_name=\"host\"}}";

    private static async Task<ProgramResult> RunAsync(string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("forkguard-listen-");
        try
        {
            var kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
            await File.WriteAllTextAsync(
                kubeconfig,
                """
                apiVersion: v1
                kind: Config
                current-context: none
                contexts: [{name: none, context: {cluster: none}}]
                clusters: [{name: none, cluster: {server: "http://127.0.0.1:1"}}]
                """,
                Check.Stop
            );
            return await ForkGuardBinary.RunAsync(
                arguments.Select(a =>
                    a.Replace("KUBECONFIG", kubeconfig, StringComparison.Ordinal)
                        .Replace("config/", $"{RepositoryPaths.Root}/config/", StringComparison.Ordinal)
                ),
                cancellationToken: Check.Stop
            );
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
