namespace ForkGuard.Manifests.Tests.Yaml;

/// <summary>Every manifest of the folder <c>bad</c>, with the exact errors that it gives.</summary>
public sealed class BadManifestTests
{
    private static readonly Dictionary<string, string[]> Expected = new(StringComparer.Ordinal)
    {
        ["act-below-warn.yaml"] =
        [
            "document 1, line 7: spec.actAtPercent: is 60 but must not be below warnAtPercent (70)",
        ],
        ["alias-bomb.yaml"] =
        [
            "document 1, line 1: has more than 100 000 values once its aliases are written out; use fewer aliases",
        ],
        ["aliases.yaml"] =
        [
            "document 1, line 4: is not YAML: Alias *nowhere has no anchor before it",
            "document 2, line 9: is not YAML: Alias *s stands within its own anchor",
            "document 3, line 15: spec[<<]: merge keys are no part of YAML 1.2; write the fields out",
        ],
        ["broken-second.yaml"] =
        [
            "document 2, line 9: is not YAML: While scanning a quoted scalar, found unexpected end of stream",
            "document 4, line 15: spec.holdSeconds: is -1 but must be from 0 to 86400",
        ],
        ["duplicate-key.yaml"] =
        [
            "document 1, line 7: spec.holdSeconds: is given twice, first on line 6; leave one out",
            "document 1, line 11: spec.restart.windows[0].start: is given twice, first on line 10; leave one out",
        ],
        ["empty-selector.yaml"] =
        [
            "document 1, line 5: spec.selector: is empty and would match every pod; select pods with matchLabels or matchExpressions",
            "document 2, line 11: spec.selector: is empty and would match every pod; select pods with matchLabels or matchExpressions",
            "document 3, line 18: spec: has no target; give a selector (pods), hostProcesses ({} means all of them) or both",
        ],
        ["escape.yaml"] =
        [
            "document 1, line 6: spec.action: is \"\\u001b]0;owned\\u0007\" but must be Event or Restart",
            "document 1, line 7: spec[\\u001b[2J]: unknown field; known here: containers, constraints, warnAtPercent, actAtPercent, clearBelowPercent, holdSeconds,",
            "document 1, line 8: spec.commands[0]: is \"/bin/\\u202eexe\" but must be the process name, not the path: \"\\u202eexe\"; the kernel's name is compared,",
        ],
        ["host-restart.yaml"] =
        [
            "document 1, line 3: metadata.namespace: must be left out, a ClusterForkWatch belongs to none; namespaceSelector selects the ones it watches",
            "document 1, line 5: spec.hostProcesses.units[0]: is \"docker\" but must be a systemd unit with its type, such as docker.service (.service, .scope,",
            "document 1, line 5: spec.hostProcesses.commands[0]: is \"/usr/bin/dockerd\" but must be the process name, not the path: \"dockerd\"; the kernel's name is",
            "document 1, line 6: spec.namespaceSelector: does nothing without a selector; give one, or leave this out",
        ],
        ["kinds.yaml"] =
        [
            "document 1, line 2: kind: is NodeForkReport, which only the agents write; must be ForkWatch or ClusterForkWatch",
            "document 2, line 6: kind: is \"ForkWach\" but must be ForkWatch or ClusterForkWatch; did you mean ForkWatch?",
            "document 3, line 9: apiVersion: is \"forkguard.io/v1\" but must be forkguard.io/v1alpha1",
            "document 4, line 14: apiVersion: is \"forkgaurd.io/v1alpha1\" but must be forkguard.io/v1alpha1",
            "document 5, line 19: apiVersion: is missing and must be forkguard.io/v1alpha1",
            "document 5, line 19: kind: is \"ConfigMap\" but must be ForkWatch or ClusterForkWatch",
            "document 6, line 21: is a list but must be an object with apiVersion, kind, metadata and spec",
        ],
        ["latin1.yaml"] = ["line 3: is not UTF-8 text; save the file as UTF-8"],
        ["list.json"] =
        [
            "document 1, line 8: items[0].metadata.name: is \"Json\" but must be 1 to 253 of a-z, 0-9, - and ., with a letter or digit at both ends of every part",
            "document 1, line 10: items[0].spec.selector.matchLabels[app/name]: is \"😀\" but must be at most 63 of A-Z, a-z, 0-9, -, _ and ., with a letter or digit",
        ],
        ["list.yaml"] = ["document 1, line 12: items[1].spec.actAtPercent: is 300 but must be from 1 to 100"],
        ["not-yaml.yaml"] =
        [
            "document 1, line 1: is not YAML: While scanning a plain scalar value, found invalid mapping",
        ],
        ["nul.yaml"] = ["line 4: holds the control character \\u0000; leave it out"],
        ["repeated.yaml"] = ["document 2, line 6: metadata.name: repeats ForkWatch twin in namespace default of "],
        ["surrogate.json"] =
        [
            "document 1, line 1: is not YAML: While scanning a quoted scalar, found invalid Unicode surrogates",
        ],
        ["two-errors.yaml"] =
        [
            "document 1, line 6: spec.warnAtPercent: is 95 but must not be above actAtPercent, which is 90 by default; lower it, or give actAtPercent too",
            "document 1, line 7: spec.colour: unknown field; known here: containers, commands, constraints, actAtPercent, clearBelowPercent, holdSeconds, forecastSeconds,",
        ],
        ["unknown-field.yaml"] =
        [
            "document 1, line 6: spec.warnAtPercnt: unknown field; did you mean warnAtPercent?",
            "document 1, line 7: spec.cooldownSeconds: unknown field; it belongs under restart",
            "document 1, line 8: spec.colour: unknown field; known here: containers, commands, constraints, warnAtPercent, actAtPercent, clearBelowPercent, holdSeconds,",
        ],
        ["wrong-type.yaml"] =
        [
            "document 1, line 6: spec.warnAtPercent: is the text \"70\" but must be a whole number; leave the quotes out",
            "document 1, line 7: spec.actAtPercent: is the number 90.5 but must be a whole number",
            "document 1, line 8: spec.holdSeconds: is the number 99999999999 but must be a whole number from -2147483648 to 2147483647",
            "document 1, line 9: spec.commands: is the text \"redis-server\" but must be a list",
            "document 1, line 10: spec.paused: is the text \"yes\" but must be true or false",
            "document 1, line 11: spec.action: is \"restart\" but must be Event or Restart; did you mean Restart?",
            "document 1, line 12: spec.containers[0]: is the number 7 but must be text; put it in quotes",
            "document 1, line 12: spec.containers[1]: is null but must be text; \"\" is the empty one",
            "document 1, line 13: spec.restart: is the text \"often\" but must be an object; its fields: method, cooldownSeconds, maxConcurrent, minReadyReplicas,",
        ],
    };

    public static TheoryData<string> Files => [.. Expected.Keys];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_bad_manifest_gives_these_errors(string name)
    {
        var file = Path.Combine(YamlPaths.Bad, name);
        var errors = ManifestFolder.Load(file).Errors.Select(error => error.ToString()).ToList();
        Assert.Equal(Expected[name].Length, errors.Count);
        foreach (var (expected, actual) in Expected[name].Zip(errors))
        {
            Assert.StartsWith($"{file}: {expected}", actual, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_bad_manifest_has_its_row() =>
        Assert.Equal(
            [.. Expected.Keys.Order(StringComparer.Ordinal)],
            Directory
                .EnumerateFiles(YamlPaths.Bad)
                .Select(file => Path.GetFileName(file))
                .Order(StringComparer.Ordinal),
            StringComparer.Ordinal
        );

    [Fact]
    public void The_folder_gives_the_errors_of_all_its_files_in_order()
    {
        var together = ManifestFolder.Load(YamlPaths.Bad).Errors.Select(error => error.ToString());
        var apart = Expected
            .Keys.Order(StringComparer.Ordinal)
            .SelectMany(name => ManifestFolder.Load(Path.Combine(YamlPaths.Bad, name)).Errors)
            .Select(error => error.ToString());
        Assert.Equal([.. apart], together, StringComparer.Ordinal);
    }

    [Fact]
    public void The_good_documents_beside_the_bad_are_judged_all_the_same()
    {
        var watches = ManifestFolder.Load(YamlPaths.Bad).Watches;
        Assert.Equal(
            ["before", "twin", "twin"],
            watches.Select(watch => watch.ForkWatch?.Metadata?.Name ?? ""),
            StringComparer.Ordinal
        );
    }

    [Fact]
    public void Nothing_of_a_bad_manifest_can_steer_the_terminal()
    {
        var text = string.Concat(ManifestFolder.Load(YamlPaths.Bad).Errors);
        Assert.DoesNotContain(text, character => char.IsControl(character) || character == '\u202e');
    }
}
