namespace ForkGuard.Host.Tests;

/// <summary>The error of one unit holds back that unit alone.</summary>
public sealed class OneUnitOfSeveralTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_name_that_systemd_refuses_holds_back_no_other_unit()
    {
        _bench.Named = "worker@.service";
        await _bench.ScanAsync();
        await _bench.ScanAsync();
        Assert.Equal(1, _bench.Systemd.Restarts);
        Assert.Contains(
            "ForkRestartSuppressed worker@.service Unavailable: Unit name worker@.service is missing the instance name.",
            _bench.Events,
            StringComparer.Ordinal
        );
    }

    [Fact]
    public async Task An_alias_is_emitted_at_the_start_with_the_name_to_use()
    {
        _bench.Named = FakeSystemd.Alias;
        await _bench.ScanAsync(isWanted: false);
        await _bench.ScanAsync(isWanted: false);
        Assert.Equal(
            [
                "ForkRestartSuppressed redis-server.service Unmanaged: redis-server.service is an alias of unit redis.service, "
                    + "whose processes only that name selects; set it in hostProcesses.units",
            ],
            _bench.Events
        );
    }

    [Theory]
    [InlineData("""{"spec":null}""")]
    [InlineData("""{"spec":{"owner":null}}""")]
    [InlineData("""{"spec":{"owner":{"apiVersion":"systemd","kind":"Unit","name":null}}}""")]
    [InlineData(
        """{"spec":{"owner":{"apiVersion":"systemd","kind":"Unit","name":"a.service"}},"status":{"history":[null]}}"""
    )]
    [InlineData(
        """{"spec":{"owner":{"apiVersion":"systemd","kind":"Unit","name":"a.service"}},"status":{"state":"Called","restart":{}}}"""
    )]
    public async Task A_record_with_parts_missing_neither_ends_the_watch_nor_holds_back_another_unit(string text)
    {
        await File.WriteAllTextAsync(
            Path.Combine(_bench.Folder!, "a.service.json"),
            text,
            TestContext.Current.CancellationToken
        );
        await _bench.ScanAsync();
        await _bench.ScanAsync();
        Assert.Equal(1, _bench.Systemd.Restarts);
    }

    [Fact]
    public async Task A_record_with_parts_missing_holds_back_its_unit()
    {
        var file = Path.Combine(_bench.Folder!, $"{FakeSystemd.Unit}.json");
        await File.WriteAllTextAsync(file, """{"spec":null}""", TestContext.Current.CancellationToken);
        await _bench.ScanAsync();
        await _bench.ScanAsync();
        Assert.Equal(0, _bench.Systemd.Restarts);
        Assert.Contains("move it away", Assert.Single(_bench.Events), StringComparison.Ordinal);
    }
}
