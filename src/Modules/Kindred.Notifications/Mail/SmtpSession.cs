using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Kindred.Platform.Messaging;

namespace Kindred.Notifications.Mail;

/// <summary>The mail server does not answer, or not as one that could take any letter now: wait and come again.</summary>
internal sealed class MailAwayException(string message, Exception? inner = null) : IOException(message, inner);

/// <summary>The server put one letter off, or its answer to it was lost: this letter is tried again.</summary>
internal sealed class LetterPutOffException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// One connection to a mail server (RFC 5321; STARTTLS by RFC 3207, AUTH PLAIN by RFC 4954). Why not <c>System.Net.Mail.SmtpClient</c>: docs/decisions/0016. A fault of
/// the connection is told from a fault of a letter, because only the first concerns all letters: <see cref="MailAwayException"/>,
/// <see cref="LetterPutOffException"/>, <see cref="HopelessMessageException"/>.
/// </summary>
internal sealed class SmtpSession : IAsyncDisposable
{
    private const int LongestReply = 64 * 1024;
    private readonly MailSettings _settings;
    private readonly TcpClient _client;
    private readonly byte[] _buffer = new byte[4096];
    private Stream _stream;
    private int _begin;
    private int _end;

    private SmtpSession(MailSettings settings, TcpClient client)
    {
        _settings = settings;
        _client = client;
        _stream = client.GetStream();
    }

    /// <summary>Connects, encrypts as the settings want it and logs in.</summary>
    /// <exception cref="MailAwayException">Any of it did not work.</exception>
    public static async Task<SmtpSession> OpenAsync(MailSettings settings, string name, CancellationToken cancellation)
    {
        TcpClient client = new() { NoDelay = true };
        SmtpSession? session = null;
        try
        {
            await WithinAsync(settings.Timeout, token => client.ConnectAsync(settings.Host, settings.Port, token).AsTask(), cancellation);
            session = new SmtpSession(settings, client);
            await session.GreetAsync(name, cancellation);
            return session;
        }
        catch (Exception fault) when (fault is SocketException or IOException or AuthenticationException or TimeoutException)
        {
            client.Dispose();
            throw fault as MailAwayException ?? new MailAwayException($"{settings.Host}:{settings.Port} does not answer: {fault.Message}", fault);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Hands one letter over; the session takes the next one after that, and none after an exception.</summary>
    /// <exception cref="LetterPutOffException">The server put it off or went away over it; if it had all of it, nobody knows whether it took it.</exception>
    /// <exception cref="HopelessMessageException">The server does not want it, now or later.</exception>
    public async Task SendAsync(string from, string to, ReadOnlyMemory<byte> letter, CancellationToken cancellation)
    {
        try
        {
            Judge(await AskAsync($"MAIL FROM:<{from}>", cancellation), 2, "the sender");
            Judge(await AskAsync($"RCPT TO:<{to}>", cancellation), 2, "the recipient");
            Judge(await AskAsync("DATA", cancellation), 3, "the letter");
            await WithinAsync(_settings.AcceptTimeout, token => _stream.WriteAsync(Dotted(letter.Span), token).AsTask(), cancellation);
            Judge(await ReadAsync(_settings.AcceptTimeout, cancellation), 2, "the letter");
        }
        catch (Exception fault) when (fault is SocketException or IOException or TimeoutException)
        {
            // A letter that breaks connections must not hold the others up; where the server is gone altogether, the next connection tells.
            throw new LetterPutOffException($"{_settings.Host} went away over the letter: {fault.Message}", fault);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // A courtesy: what was taken is taken, whatever comes back.
            await WithinAsync(TimeSpan.FromSeconds(1), token => _stream.WriteAsync("QUIT\r\n"u8.ToArray(), token).AsTask(), CancellationToken.None);
        }
        catch (Exception fault) when (fault is IOException or SocketException or TimeoutException or ObjectDisposedException)
        {
        }

        await _stream.DisposeAsync();
        _client.Dispose();
    }

    private async Task GreetAsync(string name, CancellationToken cancellation)
    {
        Want(await ReadAsync(_settings.Timeout, cancellation), 2);
        var offers = await HelloAsync(name, cancellation);
        if (offers.Contains("STARTTLS"))
        {
            Want(await AskAsync("STARTTLS", cancellation), 2);
            if (_begin < _end)
            {
                // Whatever was sent before the handshake came from anybody.
                throw new MailAwayException($"{_settings.Host} sent more than its answer to STARTTLS.");
            }

            SslStream encrypted = new(_stream);
            _stream = encrypted;
            await WithinAsync(_settings.Timeout, token => encrypted.AuthenticateAsClientAsync(Trust(), token), cancellation);
            offers = await HelloAsync(name, cancellation);
        }
        else if (_settings.Tls == MailTlsSettings.Required)
        {
            throw new MailAwayException($"{_settings.Host} offers no STARTTLS, which mail.tls = required wants.");
        }
        else if (_settings.User.Length > 0 && !(_client.Client.RemoteEndPoint is IPEndPoint { Address: var address } && IPAddress.IsLoopback(address)))
        {
            throw new MailAwayException($"{_settings.Host} offers no STARTTLS, and a password is not sent in the open.");
        }

        if (_settings.User.Length > 0)
        {
            if (!offers.Any(offer => offer.StartsWith("AUTH ", StringComparison.Ordinal) && offer.Split(' ').Contains("PLAIN")))
            {
                throw new MailAwayException($"{_settings.Host} takes no login by AUTH PLAIN.");
            }

            var login = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{_settings.User}\0{_settings.Password}"));
            Want(await AskAsync("AUTH PLAIN " + login, cancellation), 2);
        }
    }

    private SslClientAuthenticationOptions Trust()
    {
        SslClientAuthenticationOptions options = new() { TargetHost = _settings.Host };
        if (_settings.TrustFile.Length > 0)
        {
            X509Certificate2Collection own = [];
            own.ImportFromPemFile(_settings.TrustFile);
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(own);
        }

        return options;
    }

    private async Task<string[]> HelloAsync(string name, CancellationToken cancellation)
    {
        var reply = await AskAsync("EHLO " + name, cancellation);
        Want(reply, 2);
        return [.. reply.Lines.Skip(1).Select(line => line.Trim().ToUpperInvariant())];
    }

    private async Task<Reply> AskAsync(string command, CancellationToken cancellation)
    {
        await WithinAsync(_settings.Timeout, token => _stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"), token).AsTask(), cancellation);
        return await ReadAsync(_settings.Timeout, cancellation);
    }

    private async Task<Reply> ReadAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        Reply? reply = null;
        await WithinAsync(timeout, async token => reply = await ReadAsync(token), cancellation);
        return reply!;
    }

    private async Task<Reply> ReadAsync(CancellationToken cancellation)
    {
        List<string> lines = [];
        StringBuilder line = new();
        for (var read = 0; read < LongestReply; read++)
        {
            if (_begin == _end)
            {
                (_begin, _end) = (0, await _stream.ReadAsync(_buffer, cancellation));
                if (_end == 0)
                {
                    throw new EndOfStreamException("the connection was closed");
                }
            }

            var one = (char)_buffer[_begin++];
            if (one != '\n')
            {
                line.Append(one);
                continue;
            }

            var text = line.ToString().TrimEnd('\r');
            line.Clear();
            if (text.Length < 3 || !int.TryParse(text.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code is < 200 or > 599)
            {
                throw new MailAwayException($"{_settings.Host} does not speak SMTP.");
            }

            lines.Add(text.Length > 4 ? text[4..] : "");
            if (text.Length == 3 || text[3] != '-')
            {
                return new Reply(code, lines);
            }
        }

        throw new MailAwayException($"{_settings.Host} answers without end.");
    }

    // While a session is made, no letter is at fault.
    private void Want(Reply reply, int first)
    {
        if (reply.Code / 100 != first)
        {
            throw new MailAwayException($"{_settings.Host} answered {reply}");
        }
    }

    private void Judge(Reply reply, int first, string what)
    {
        if (reply.Code / 100 == first)
        {
            return;
        }

        throw reply.Code / 100 == 5
            ? new HopelessMessageException($"{_settings.Host} refused {what}: {reply}")
            : new LetterPutOffException($"{_settings.Host} put {what} off: {reply}");
    }

    // RFC 5321, 4.5.2: a line that begins with a dot gets another, and a lone one ends the letter.
    private static byte[] Dotted(ReadOnlySpan<byte> letter)
    {
        List<byte> sent = new(letter.Length + 64);
        var begins = true;
        foreach (var one in letter)
        {
            if (begins && one == '.')
            {
                sent.Add((byte)'.');
            }

            sent.Add(one);
            begins = one == '\n';
        }

        sent.AddRange(begins ? ".\r\n"u8 : "\r\n.\r\n"u8);
        return [.. sent];
    }

    private static async Task WithinAsync(TimeSpan time, Func<CancellationToken, Task> work, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(time);
        try
        {
            await work(patience.Token);
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer within {time.TotalSeconds:0.#} s", late);
        }
    }

    private sealed record Reply(int Code, IReadOnlyList<string> Lines)
    {
        public override string ToString() => $"{Code} {string.Join(' ', Lines)}";
    }
}
