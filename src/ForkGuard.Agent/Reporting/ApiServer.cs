using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Authentication;

namespace ForkGuard.Agent.Reporting;

/// <summary>
/// One connection to the API server. Configuration, tokens and certificates are the Kubernetes client's; its class of all
/// operations is left alone, since the models of every API that it brings along are 13 MiB of memory in every program.
/// </summary>
internal sealed class ApiServer : IDisposable
{
    /// <summary>In bytes: more than a report can have.</summary>
    internal const int LongestAnswer = 1024 * 1024;

    private readonly HttpClient _http;
    private readonly ServiceClientCredentials? _credentials;

    /// <summary>Nothing is sent yet.</summary>
    /// <param name="configuration">Address and credentials.</param>
    /// <param name="longestAnswer">Bytes of an answer at most.</param>
    /// <exception cref="CryptographicException">The client's certificate or key is none.</exception>
    /// <exception cref="FormatException">Base64 or the server's address is none.</exception>
    /// <exception cref="IOException">A file that is named cannot be read.</exception>
    internal ApiServer(KubernetesClientConfiguration configuration, int longestAnswer = LongestAnswer)
    {
        var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 1 };
        SetUp(handler.SslOptions, configuration);
        _credentials = Kubernetes.CreateCredentials(configuration);
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri(configuration.Host.TrimEnd('/') + "/"),
            Timeout = LongestWait,
            // Of an answer that is read to its end, within the time: whatever answers in its place must not fill the memory.
            MaxResponseContentBufferSize = longestAnswer,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("forkguard-agent", null));
        if (!string.IsNullOrEmpty(configuration.TlsServerName))
        {
            // .NET takes the name that the certificate must have from this header, and from no option of TLS.
            _http.DefaultRequestHeaders.Host = configuration.TlsServerName;
        }
    }

    /// <summary>An answer takes no longer, from the connection to its last byte.</summary>
    internal static TimeSpan LongestWait { get; } = TimeSpan.FromSeconds(10);

    /// <summary>For output: without the name and password that it may have.</summary>
    internal string Address =>
        _http.BaseAddress!.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>Sends, and reads the whole answer.</summary>
    internal async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken stop)
    {
        if (_credentials is not null)
        {
            await _credentials.ProcessHttpRequestAsync(request, stop);
        }

        return await _http.SendAsync(request, stop);
    }

    public void Dispose() => _http.Dispose();

    private static void SetUp(SslClientAuthenticationOptions tls, KubernetesClientConfiguration configuration)
    {
        if (configuration.SkipTlsVerify)
        {
#pragma warning disable CA5359 // The kubeconfig sets insecure-skip-tls-verify.
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (configuration.SslCaCerts is { } authorities)
        {
            // The client's check asks for the authority only, and a certificate for another name has that too.
            tls.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
                !errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
                && Kubernetes.CertificateValidationCallBack(sender, authorities, certificate, chain, errors);
        }

        if (ClientCertificateOf(configuration) is { } own)
        {
            tls.ClientCertificates = [own];
        }
    }

    /// <summary>In the kubeconfig, or in files that it names.</summary>
    private static X509Certificate2? ClientCertificateOf(KubernetesClientConfiguration configuration) =>
        configuration switch
        {
            { ClientCertificateData: { Length: > 0 } certificate, ClientCertificateKeyData: { Length: > 0 } key } =>
                X509Certificate2.CreateFromPem(Decode(certificate), Decode(key)),
            { ClientCertificateFilePath: { Length: > 0 } certificate, ClientKeyFilePath: { Length: > 0 } key } =>
                X509Certificate2.CreateFromPemFile(certificate, key),
            _ => null,
        };

    private static string Decode(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));
}
