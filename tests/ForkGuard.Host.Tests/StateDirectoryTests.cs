using ForkGuard.Api;

namespace ForkGuard.Host.Tests;

/// <summary>The state directory is removed or replaced under a running watch.</summary>
public sealed class StateDirectoryTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Records_are_written_into_the_directory_that_replaces_a_removed_one()
    {
        await RestartAsync();
        Replace();
        await _bench.ScanAsync();
        Assert.Equal(1, _bench.Systemd.Restarts);
        Assert.Equal(RestartState.Idle, _bench.Record!.State);
        Assert.Equal(RestartResult.DidNotHelp, _bench.Record.Result);
        Assert.Throws<IOException>(() => new Records.RecordStore(_bench.Folder!));

        await _bench.ScanAsync(after: TimeSpan.FromMinutes(61));
        Assert.Equal(2, _bench.Systemd.Restarts);
        Assert.Equal(2, _bench.Record.History!.Count + (_bench.Record.Restart is null ? 0 : 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_cooldown_outlives_the_removal_of_all_files_and_a_restart_of_the_watch(
        bool isStartedAgainBefore
    )
    {
        await RestartAsync();
        if (isStartedAgainBefore)
        {
            _bench.Kill();
            await _bench.ScanAsync();
        }

        foreach (var file in Directory.GetFiles(_bench.Folder!))
        {
            File.Delete(file);
        }

        await _bench.ScanAsync();
        _bench.Kill();
        _bench.ClockIsAhead = TimeSpan.FromHours(2);
        await _bench.ScanAsync();
        Assert.Equal(1, _bench.Systemd.Restarts);
        Assert.NotNull(_bench.Record!.Cooldown);
    }

    [Fact]
    public async Task Nothing_is_restarted_while_the_directory_is_missing()
    {
        await RestartAsync();
        Directory.Delete(_bench.Folder!, recursive: true);
        await _bench.ScanAsync(after: TimeSpan.FromMinutes(61));
        Assert.Equal(1, _bench.Systemd.Restarts);
        Assert.Equal(
            $"ForkRestartSuppressed redis.service Unavailable: the state directory cannot be used: {_bench.Folder} was removed; "
                + "create it again, or restart forkguard",
            _bench.Events[^1]
        );
        Directory.CreateDirectory(_bench.Folder!);
    }

    [Fact]
    public async Task Nothing_is_restarted_while_another_process_uses_the_new_directory()
    {
        await RestartAsync();
        Replace();
        using (new Records.RecordStore(_bench.Folder!))
        {
            await _bench.ScanAsync(after: TimeSpan.FromMinutes(61));
            Assert.Equal(1, _bench.Systemd.Restarts);
            Assert.Contains(
                "Unavailable: the state directory cannot be used",
                _bench.Events[^1],
                StringComparison.Ordinal
            );
        }

        await _bench.ScanAsync();
        Assert.Equal(2, _bench.Systemd.Restarts);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_directory_that_is_replaced_at_a_read_before_the_call_leads_to_no_restart_in_the_cooldown(
        int read
    )
    {
        await RestartAsync();
        await _bench.ScanAsync();
        var reads = 0;
        _bench.Systemd.OnRead = () =>
        {
            if (++reads == read)
            {
                Replace();
            }
        };
        for (var scan = 0; scan < 5; scan++)
        {
            await _bench.ScanAsync();
        }

        Assert.Equal(1, _bench.Systemd.Restarts);
        Assert.NotNull(_bench.Record!.Cooldown);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_restart_is_in_the_directory_that_replaces_one_at_a_read_before_the_call(int read)
    {
        await _bench.ScanAsync(isWanted: false);
        var reads = 0;
        _bench.Systemd.OnRead = () =>
        {
            if (++reads == read)
            {
                Replace();
            }
        };
        // A call that was not made is repeated after a minute.
        await _bench.ScanAsync();
        for (var scan = 0; scan < 3; scan++)
        {
            await _bench.ScanAsync(isWanted: _bench.Systemd.Restarts == 0, after: TimeSpan.FromSeconds(65));
        }

        Assert.Equal(1, _bench.Systemd.Restarts);
        Assert.NotNull(_bench.Record!.Cooldown);
    }

    private async Task RestartAsync()
    {
        await _bench.ScanAsync();
        await _bench.ScanAsync(isWanted: false);
        Assert.Equal(RestartState.Proving, _bench.Record!.State);
    }

    private void Replace()
    {
        Directory.Delete(_bench.Folder!, recursive: true);
        Directory.CreateDirectory(_bench.Folder!);
    }
}
