using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Kindred.Service.Tests.Notifications;

/// <summary>What goes wrong with the next letters.</summary>
internal enum SmtpFault
{
    None,

    /// <summary>Says nothing after the connection is made.</summary>
    Hang,

    /// <summary>Says nothing once it has the letter, which it keeps.</summary>
    HangAfterData,

    /// <summary>450 to the recipient.</summary>
    PutOff,

    /// <summary>550 to the recipient.</summary>
    Refuse,

    /// <summary>554 once it has the letter.</summary>
    RefuseData,

    /// <summary>421 instead of a greeting.</summary>
    Close,

    /// <summary>Closes the connection in the middle of the letter.</summary>
    CutInData,

    /// <summary>Takes the letter and closes the connection before it says so.</summary>
    CutAfterData,
}

/// <summary>A small mail server on loopback that does what it is told to do wrong, with STARTTLS and a login.</summary>
internal sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _letters = new();
    private readonly ConcurrentQueue<SmtpFault> _faults = new();
    private readonly X509Certificate2 _certificate = Certificate();
    private readonly Task _accepting;
    private int _connections;

    public SmtpSink(bool tls = false, (string User, string Password)? login = null, int port = 0)
    {
        (Tls, Login) = (tls, login);
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public bool Tls { get; }

    public (string User, string Password)? Login { get; }

    public int Connections => _connections;

    /// <summary>Letters taken, as they were sent.</summary>
    public IReadOnlyList<string> Letters => [.. _letters];

    public IReadOnlyList<string> Ids => [.. _letters.Select(letter => Eml.Header(letter, "Message-ID")!)];

    public string Trusted => _certificate.ExportCertificatePem();

    /// <summary>Commands seen while the connection was not encrypted.</summary>
    public ConcurrentQueue<string> InTheOpen { get; } = new();

    /// <summary>One connection each meets one fault.</summary>
    public SmtpSink Fails(params SmtpFault[] faults)
    {
        foreach (var fault in faults)
        {
            _faults.Enqueue(fault);
        }

        return this;
    }

    public async Task<IReadOnlyList<string>> LettersAsync(int count)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (_letters.Count < count)
        {
            await Task.Delay(20, patience.Token);
        }

        return Letters;
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _certificate.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> serving = [];
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                serving.Add(ServeAsync(client, _faults.TryDequeue(out var fault) ? fault : SmtpFault.None));
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(TcpClient client, SmtpFault fault)
    {
        using var own = client;
        Stream stream = client.GetStream();
        try
        {
            if (fault == SmtpFault.Hang)
            {
                await Task.Delay(Timeout.Infinite, _stop.Token);
            }

            await SayAsync(fault == SmtpFault.Close ? "421 too busy" : "220 sink");
            StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
            for (var (encrypted, loggedIn) = (false, Login is null); await reader.ReadLineAsync(_stop.Token) is { } line;)
            {
                if (!encrypted)
                {
                    InTheOpen.Enqueue(line);
                }

                switch (line.Split(' ', ':')[0].ToUpperInvariant())
                {
                    case "EHLO":
                        await SayAsync(Tls && !encrypted ? "250-sink\r\n250-STARTTLS\r\n250 8BITMIME" : "250-sink\r\n250-AUTH LOGIN PLAIN\r\n250 8BITMIME");
                        break;
                    case "STARTTLS":
                        await SayAsync("220 go on");
                        var secure = new SslStream(stream);
                        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                        (stream, encrypted) = (secure, true);
                        reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
                        break;
                    case "AUTH":
                        loggedIn = Login is { } login && Encoding.UTF8.GetString(Convert.FromBase64String(line.Split(' ')[2])) == $"\0{login.User}\0{login.Password}";
                        await SayAsync(loggedIn ? "235 welcome" : "535 no");
                        break;
                    case "MAIL":
                        await SayAsync(loggedIn ? "250 ok" : "530 log in first");
                        break;
                    case "RCPT":
                        await SayAsync(fault switch { SmtpFault.PutOff => "450 later", SmtpFault.Refuse => "550-nobody\r\n550 of that name", _ => "250 ok" });
                        break;
                    case "DATA":
                        await SayAsync("354 go on");
                        StringBuilder letter = new();
                        while (await reader.ReadLineAsync(_stop.Token) is { } part && part != ".")
                        {
                            letter.Append(part.StartsWith('.') ? part[1..] : part).Append("\r\n");
                            if (fault == SmtpFault.CutInData)
                            {
                                return;
                            }
                        }

                        if (fault == SmtpFault.RefuseData)
                        {
                            await SayAsync("554 no");
                            break;
                        }

                        _letters.Enqueue(letter.ToString());
                        if (fault == SmtpFault.HangAfterData)
                        {
                            await Task.Delay(Timeout.Infinite, _stop.Token);
                        }

                        if (fault == SmtpFault.CutAfterData)
                        {
                            return;
                        }

                        await SayAsync("250 taken");
                        break;
                    case "QUIT":
                        await SayAsync("221 bye");
                        return;
                    default:
                        await SayAsync("500 what");
                        break;
                }
            }
        }
        catch (Exception over) when (over is OperationCanceledException or IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
        }

        async Task SayAsync(string line) => await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), _stop.Token);
    }

    private static X509Certificate2 Certificate()
    {
        using var key = RSA.Create(2048);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var made = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
