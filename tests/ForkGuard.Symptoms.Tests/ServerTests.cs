using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ForkGuard.Testing;

namespace ForkGuard.Symptoms.Tests;

/// <summary>Servers that fork for a client.</summary>
public sealed class ServerTests(SymptomPrograms programs)
{
    private static readonly string[] Redis =
    [
        "redis-server",
        "--port",
        "0",
        "--unixsocket",
        "/tmp/redis.sock",
        "--save",
        "",
        "--dir",
        "/tmp",
    ];

    private static readonly Circumstances NobodysOwn = new() { Account = "65534:65534" };

    [Theory]
    [InlineData(Symptom.RedisTasks, "Pids")]
    [InlineData(Symptom.RedisMemory, "LargestMapping")]
    public async Task Check_names_the_reason_why_redis_cannot_save(string message, string constraint)
    {
        await using var cgroup = TestCgroup.Create();
        await using var redis = RunningProgram.Start(programs, CircumstancesOf(constraint, cgroup), Redis);
        await redis.PrintsAsync("ready to accept connections at");
        Limit(constraint, cgroup);
        await redis.RunBesideAsync(programs, new Circumstances(), "redis-cli", "-s", "/tmp/redis.sock", "bgsave");
        await Refusal.IsExplainedAsync(redis, message, constraint);
    }

    [Fact]
    public async Task Check_names_the_reason_why_postgres_refuses_connections()
    {
        const string folder = "/usr/lib/postgresql/15/bin/";
        await using var cgroup = TestCgroup.Create();
        await using var initialization = RunningProgram.Start(
            programs,
            NobodysOwn,
            $"{folder}initdb",
            "-D",
            "/tmp/data",
            "-U",
            "postgres"
        );
        await initialization.EndsAsync();
        await using var postgres = RunningProgram.Start(
            programs,
            NobodysOwn with
            {
                Cgroup = cgroup,
                Scratch = initialization.Scratch,
            },
            $"{folder}postgres",
            "-D",
            "/tmp/data",
            "-k",
            "/tmp",
            "-c",
            "listen_addresses="
        );
        await postgres.PrintsAsync("database system is ready to accept connections");
        cgroup.SetMax(Refusal.NoTasks);
        var answer = await postgres.RunBesideAsync(
            programs,
            NobodysOwn,
            $"{folder}psql",
            "-h",
            "/tmp",
            "-U",
            "postgres"
        );
        Assert.Contains(Symptom.Postgres, answer, StringComparison.Ordinal);
        await Refusal.IsExplainedAsync(postgres, Symptom.Postgres, "Pids");
    }

    [Theory]
    [InlineData(Symptom.ForkTasks, "Pids")]
    [InlineData(Symptom.ForkMemory, "LargestMapping")]
    public async Task Check_names_the_reason_why_sshd_closes_connections(string message, string constraint)
    {
        await using var cgroup = TestCgroup.Create();
        await using var key = RunningProgram.Start(
            programs,
            new Circumstances(),
            "ssh-keygen",
            "-q",
            "-N",
            "",
            "-f",
            "/tmp/key"
        );
        await key.EndsAsync();
        var port = FreePort();
        await using var server = RunningProgram.Start(
            programs,
            CircumstancesOf(constraint, cgroup) with
            {
                Scratch = key.Scratch,
            },
            "/usr/sbin/sshd",
            "-De",
            "-f",
            "/dev/null",
            "-h",
            "/tmp/key",
            "-p",
            port.ToString(CultureInfo.InvariantCulture),
            "-o",
            "ListenAddress=127.0.0.1",
            "-o",
            "PidFile=none"
        );
        await server.PrintsAsync("Server listening");
        Limit(constraint, cgroup);
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        await Refusal.IsExplainedAsync(server, message, constraint);
    }

    private static Circumstances CircumstancesOf(string constraint, TestCgroup cgroup) =>
        string.Equals(constraint, "Pids", StringComparison.Ordinal)
            ? new Circumstances { Cgroup = cgroup }
            : new Circumstances { ReservesMoreThanRam = true };

    private static void Limit(string constraint, TestCgroup cgroup)
    {
        if (string.Equals(constraint, "Pids", StringComparison.Ordinal))
        {
            cgroup.SetMax(Refusal.NoTasks);
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
