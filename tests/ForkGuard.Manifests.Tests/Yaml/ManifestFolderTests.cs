using System.Text;

namespace ForkGuard.Manifests.Tests.Yaml;

public sealed class ManifestFolderTests : IDisposable
{
    private const string Foreign = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n";

    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_that_is_not_there() =>
        AssertOnly(Path.Combine(folder.Root, "no.yaml"), "does not exist; give a manifest or a directory of manifests");

    [Fact]
    public void A_directory_without_manifests()
    {
        folder.Write("notes.txt", "");
        folder.Write(".hidden.yaml", "kind: x");
        AssertOnly(folder.Root, "is a directory without manifests (*.yaml, *.yml, *.json, flat); put a ForkWatch");
    }

    [Fact]
    public void A_directory_whose_manifests_are_all_of_others()
    {
        folder.Write("map.yaml", Foreign);
        AssertOnly(
            folder.Root,
            "is a directory whose manifests hold no watch; put a ForkWatch or ClusterForkWatch in it"
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("---\n---\n")]
    [InlineData(Foreign)]
    [InlineData("apiVersion: v1\nkind: List\nitems:\n")]
    public void A_file_without_a_watch(string text) =>
        AssertOnly(folder.Write("empty.yaml", text), "holds no watch; put a ForkWatch or ClusterForkWatch in it");

    [Fact]
    public void A_file_that_is_too_large() =>
        AssertOnly(
            folder.Write("large.yaml", "# " + new string('x', 4 << 20)),
            "is larger than 4 MiB; give the watches a file of their own"
        );

    [Fact]
    public void A_file_as_large_as_may_be()
    {
        var watch = Watch("w");
        var file = folder.Write("large.yaml", watch + "#" + new string('x', (4 << 20) - watch.Length - 1));
        Assert.Empty(ManifestFolder.Load(file).Errors);
    }

    [Fact]
    public void A_file_without_a_length_is_read_to_its_end() =>
        AssertOnly("/proc/kallsyms", "is larger than 4 MiB; give the watches a file of their own");

    [Fact]
    public void A_device_is_not_read() =>
        AssertOnly(
            "/dev/zero",
            "is not a regular file; give a manifest or a directory of manifests, not a pipe or a device"
        );

    [Fact]
    public async Task A_fifo_without_a_writer_is_refused_at_once()
    {
        var fifo = Path.Combine(folder.Root, "pipe.yaml");
        using (var made = System.Diagnostics.Process.Start("mkfifo", [fifo]))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        folder.Write("b.yaml", Watch("b"));
        var loading = Task.Run(() => ManifestFolder.Load(folder.Root), TestContext.Current.CancellationToken);
        var loaded = await loading.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.EndsWith(
            "pipe.yaml: is not a regular file; give a manifest or a directory of manifests, not a pipe or a device",
            Assert.Single(loaded.Errors).ToString(),
            StringComparison.Ordinal
        );
        Assert.Single(loaded.Watches);
    }

    [Fact]
    public void A_broken_link_is_an_error_and_costs_no_other_file()
    {
        File.CreateSymbolicLink(Path.Combine(folder.Root, "a.yaml"), "nowhere");
        folder.Write("b.yml", Watch("b"));
        var loaded = ManifestFolder.Load(folder.Root);
        Assert.EndsWith(
            "a.yaml: does not exist; give a manifest or a directory of manifests",
            Assert.Single(loaded.Errors).ToString(),
            StringComparison.Ordinal
        );
        Assert.Single(loaded.Watches);
    }

    [Fact]
    public void A_byte_order_mark_and_windows_line_ends_are_fine()
    {
        var text =
            "\uFEFF" + Watch("w").ReplaceLineEndings("\r\n") + "---\r\n" + Watch("Bad").ReplaceLineEndings("\r\n");
        var loaded = ManifestFolder.Load(folder.Write("w.yaml", text));
        Assert.Single(loaded.Watches);
        Assert.Contains(
            "document 2, line 11: metadata.name",
            Assert.Single(loaded.Errors).ToString(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Utf16_is_an_error() =>
        AssertOnly(
            folder.Write("w.yaml", [0xff, 0xfe, .. Encoding.Unicode.GetBytes(Watch("w"))]),
            "line 1: is not UTF-8 text; save the file as UTF-8"
        );

    [Fact]
    public void The_same_watch_in_two_files_is_an_error_of_the_second()
    {
        var first = folder.Write("a.yaml", Watch("w"));
        var second = folder.Write(
            "b.json",
            """
            {"apiVersion": "forkguard.io/v1alpha1", "kind": "ForkWatch", "metadata": {"name": "w", "namespace": "default"},
             "spec": {"selector": {"matchLabels": {"app": "b"}}}}
            """
        );
        var loaded = ManifestFolder.Load(folder.Root);
        Assert.Equal(first, Assert.Single(loaded.Watches).File);
        Assert.Equal(
            $"{second}: document 1, line 1: metadata.name: repeats ForkWatch w in namespace default of {first} "
                + "(document 1, line 1); give one of them another name",
            Assert.Single(loaded.Errors).ToString()
        );
    }

    [Fact]
    public void A_key_that_is_given_twice_spoils_one_item_of_a_list_only()
    {
        var text = """
            apiVersion: v1
            kind: List
            items:
              - {apiVersion: forkguard.io/v1alpha1, kind: ForkWatch, metadata: {name: a, name: b}, spec: {selector: {matchLabels: {a: b}}}}
              - {apiVersion: forkguard.io/v1alpha1, kind: ForkWatch, metadata: {name: c}, spec: {selector: {matchLabels: {a: b}}}}
            """;
        var loaded = ManifestFolder.Load(folder.Write("list.yaml", text));
        Assert.Equal("c", Assert.Single(loaded.Watches).ForkWatch?.Metadata?.Name);
        Assert.Equal("items[0].metadata.name", Assert.Single(loaded.Errors).Path);
    }

    [Fact]
    public void Depth_is_bounded()
    {
        var deep = Watch("w") + "  commands: " + new string('[', 100_000) + "\n";
        var error = Assert.Single(ManifestFolder.Load(folder.Write("deep.yaml", deep)).Errors);
        Assert.Contains("more than 200 deep", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_name_of_a_file_cannot_steer_the_terminal()
    {
        folder.Write("\u001b[2J.yaml", "- x");
        var error = Assert.Single(ManifestFolder.Load(folder.Root).Errors).ToString();
        Assert.DoesNotContain(error, char.IsControl);
    }

    /// <summary>Damages good manifests at random places; the seed is fixed, so that a failure comes again.</summary>
    [Fact]
    public void Whatever_the_bytes_loading_does_not_throw()
    {
        var random = new Random(20260131);
        var sources = Directory
            .EnumerateFiles(YamlPaths.Good, "*.*")
            .Concat(Directory.EnumerateFiles(YamlPaths.Bad))
            .Select(File.ReadAllBytes)
            .ToArray();
        var pieces = "{}[]:,-&*!|>'\"\\\n\t %@`#?~.\u0000\u00e9<0x"u8.ToArray();
        for (var round = 0; round < 4000; round++)
        {
            var bytes = (byte[])sources[random.Next(sources.Length)].Clone();
            for (var damage = random.Next(1, 6); damage > 0; damage--)
            {
                bytes[random.Next(bytes.Length)] =
                    random.Next(4) == 0 ? (byte)random.Next(256) : pieces[random.Next(pieces.Length)];
            }

            var file = folder.Write("garbage.yaml", bytes[..random.Next(1, bytes.Length)]);
            var loaded = ManifestFolder.Load(file);
            Assert.True(loaded.Errors.Count + loaded.Watches.Count > 0);
            Assert.DoesNotContain(string.Concat(loaded.Errors), char.IsControl);
        }
    }

    private static string Watch(string name) =>
        $$"""
            apiVersion: forkguard.io/v1alpha1
            kind: ForkWatch
            metadata:
              name: {{name}}
            spec:
              selector: { matchLabels: { app: a } }

            """;

    private static void AssertOnly(string path, string error)
    {
        var loaded = ManifestFolder.Load(path);
        Assert.Empty(loaded.Watches);
        Assert.StartsWith($"{path}: {error}", Assert.Single(loaded.Errors).ToString(), StringComparison.Ordinal);
    }
}
