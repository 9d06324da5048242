using Dapper;
using Kindred.Contracts;
using Kindred.Notifications;
using Kindred.Notifications.Mail;
using Kindred.Platform.Messaging;
using Kindred.Platform.Storage;
using Kindred.Service.Tests.Storage;
using Kindred.Service.Tests.Systems;
using Kindred.Settings;

namespace Kindred.Service.Tests.Notifications;

/// <summary>Letters from the transaction that writes them to the server that takes them, on every database.</summary>
public abstract class MailContract
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected abstract Task<string> ConnectionStringAsync();

    [Fact]
    public async Task A_letter_leaves_with_its_transaction_or_not_at_all()
    {
        await using var world = await StartAsync(s => s);
        await Should.ThrowAsync<InvalidOperationException>(() => world.Get<Database>().WriteAsync(
            async transaction =>
            {
                await world.Get<IMailer>().SendAsync(Plain("anna@example.org", "never"), transaction, Cancellation);
                throw new InvalidOperationException("undone");
            },
            Cancellation));
        await SendAsync(world, Plain("anna@example.org", "Привет, Анна", "Привет\nещё <b>"));
        await LeftAsync(world);
        var file = Directory.GetFiles(Path.Combine(world.Folder, "mail")).ShouldHaveSingleItem();
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var eml = await File.ReadAllTextAsync(file, Cancellation);
        Eml.Subject(eml).ShouldBe("Привет, Анна");
        Eml.Part(eml, "text/plain").ShouldBe("Привет\r\nещё <b>");
        Eml.Part(eml, "text/html").ShouldContain("<p>ещё &lt;b&gt;</p>");
        eml.ShouldNotContain("\n.\r", Case.Sensitive);
        eml.Split("\r\n").ShouldAllBe(line => line.Length <= 998 && !line.Contains('\n', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("anna@example.org\r\nBcc: all@example.org", "hello")]
    [InlineData("anna@example.org, all@example.org", "hello")]
    [InlineData("<anna@example.org>", "hello")]
    [InlineData("anna@example.org", "hello\r\nBcc: all@example.org")]
    [InlineData("anna@example.org", "hello\nX: y")]
    [InlineData("anna@example.org", "hello\u2028X: y")]
    public async Task What_could_add_headers_or_recipients_is_refused(string to, string subject)
    {
        await using var world = await StartAsync(s => s);
        await Should.ThrowAsync<ArgumentException>(() => SendAsync(world, Plain(to, subject)));
        (await CountAsync(world, "outbox where topic like 'mail.%'")).ShouldBe(0);
    }

    [Fact]
    public async Task C23_the_confirmation_mail_says_hello_and_carries_the_link_in_the_language_of_who_registers()
    {
        await using SmtpSink sink = new();
        await using var world = await StartAsync(mail => mail with { Host = "127.0.0.1", Port = sink.Port, Tls = MailTlsSettings.Offered, From = "Кино <films@example.com>" });
        string[] subjects = ["Please confirm your e-mail", "Подтвердите адрес электронной почты", "Confirme o seu e-mail", "Please confirm your e-mail"];
        string?[] accepted = ["en-GB,en;q=0.9", "ru-RU,ru;q=0.9,en;q=0.8", "pt-BR", "xx"];
        string[] hello = ["Hello Anna Karenina", "Здравствуйте, Anna Karenina", "Olá Anna Karenina", "Hello Anna Karenina"];
        for (var k = 0; k < subjects.Length; k++)
        {
            var body = new { email = $"anna{k}@example.org", password = "correct horse battery", name = "Anna", surname = "Karenina" };
            (await world.SendAsync(HttpMethod.Post, "/auth/v1/register", body, null, ("Accept-Language", accepted[k]!))).Status.ShouldBe(201);
            var letter = (await sink.LettersAsync(k + 1))[k];
            Eml.Subject(letter).ShouldBe(subjects[k]);
            Eml.Header(letter, "To").ShouldBe($"<anna{k}@example.org>");
            Eml.Header(letter, "From").ShouldBe("=?utf-8?B?0JrQuNC90L4=?= <films@example.com>");
            Eml.Header(letter, "List-Unsubscribe").ShouldBeNull("nobody can do without it");
            var (text, html) = (Eml.Part(letter, "text/plain"), Eml.Part(letter, "text/html"));
            text.ShouldContain(hello[k]);
            html.ShouldContain($">{hello[k]}</h1>");
            var link = text.Split("\r\n").Single(line => line.Contains("/auth/v1/s/", StringComparison.Ordinal));
            html.ShouldContain($"<a href=\"{link}\">{link}</a>", Case.Sensitive, "the link's text is the address itself");
            (await world.GetAsync(new Uri(link).PathAndQuery)).Status.ShouldBe(307);
        }

        await LeftAsync(world);
        (await CountAsync(world, "parked_messages")).ShouldBe(0);
    }

    [Fact]
    public void C23_a_name_is_text_and_never_markup()
    {
        var letter = new LetterWriter().Write(new Letter("anna@example.org", LetterKind.ConfirmAddress) { Name = "<script>{{link}}</script>\r\nBcc: x", Link = "http://x/?a=1&b=2", GoodFor = TimeSpan.FromHours(1) }, "ru");
        letter.Html.ShouldContain("&lt;script&gt;{{link}}&lt;/script&gt;");
        letter.Html.ShouldNotContain("1&b");
        System.Net.WebUtility.HtmlDecode(letter.Html).ShouldContain("href=\"http://x/?a=1&b=2\"");
        letter.Text.ShouldContain("<script>{{link}}</script>");
        letter.Text.ShouldContain("в течение 60 минут");
        letter.Subject.ShouldBe("Подтвердите адрес электронной почты");
    }

    [Theory]
    [InlineData(nameof(SmtpFault.Hang), 1)]
    [InlineData(nameof(SmtpFault.Close), 1)]
    [InlineData(nameof(SmtpFault.PutOff), 1)]
    [InlineData(nameof(SmtpFault.CutInData), 1)]
    [InlineData(nameof(SmtpFault.CutAfterData), 2)]
    [InlineData(nameof(SmtpFault.HangAfterData), 2)]
    public async Task C23_no_fault_of_the_server_loses_a_letter_and_a_second_copy_has_the_same_message_id(string name, int copies)
    {
        var fault = Enum.Parse<SmtpFault>(name);
        await using var sink = new SmtpSink().Fails(fault, fault);
        await using var world = await StartAsync(mail => mail with { Host = "127.0.0.1", Port = sink.Port, Tls = MailTlsSettings.Offered, Timeout = TimeSpan.FromSeconds(0.3), AcceptTimeout = TimeSpan.FromSeconds(0.3) });
        await SendAsync(world, Plain("anna@example.org", "one"));
        await LeftAsync(world);

        // What a server took without saying so comes again: nobody can know. Everything else comes once.
        sink.Letters.Count.ShouldBe(copies == 1 ? 1 : 3);
        sink.Ids.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
        (await CountAsync(world, "parked_messages")).ShouldBe(0);
    }

    [Fact]
    public async Task C23_letters_behind_one_that_fails_go_on_and_none_comes_twice()
    {
        await using var sink = new SmtpSink().Fails(SmtpFault.PutOff);
        await using var world = await StartAsync(mail => mail with { Host = "127.0.0.1", Port = sink.Port, Tls = MailTlsSettings.Offered });
        await world.Get<Database>().WriteAsync(
            async transaction =>
            {
                for (var k = 0; k < 40; k++)
                {
                    await world.Get<IMailer>().SendAsync(Plain("anna@example.org", $"letter {k}"), transaction, Cancellation);
                }
            },
            Cancellation);
        await LeftAsync(world);
        sink.Letters.Select(Eml.Subject).Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(0, 40).Select(k => $"letter {k}").Order(StringComparer.Ordinal));
        sink.Connections.ShouldBeLessThan(45, "one connection serves many letters");
    }

    [Fact]
    public async Task C23_a_server_that_is_away_parks_nothing_and_gets_everything_when_it_is_back()
    {
        await using SmtpSink gone = new();
        var port = gone.Port;
        await gone.DisposeAsync();
        await using var world = await StartAsync(mail => mail with { Host = "127.0.0.1", Port = port, Tls = MailTlsSettings.Offered, RetryAfter = [TimeSpan.FromMilliseconds(10)] });
        await SendAsync(world, Plain("anna@example.org", "waits"));
        await Task.Delay(TimeSpan.FromSeconds(1.5), Cancellation);
        (await CountAsync(world, "parked_messages")).ShouldBe(0, "two tries and a wait of 10 ms are long over");
        (await CountAsync(world, "outbox where topic = 'mail.letters'")).ShouldBe(1);
        await using SmtpSink back = new(port: port);
        Eml.Subject((await back.LettersAsync(1)).ShouldHaveSingleItem()).ShouldBe("waits");
    }

    [Fact]
    public async Task C23_a_refused_letter_is_parked_at_once_and_replayed_by_hand()
    {
        foreach (var fault in new[] { SmtpFault.Refuse, SmtpFault.RefuseData })
        {
            await using var sink = new SmtpSink().Fails(fault, fault);
            await using var world = await StartAsync(mail => mail with { Host = "127.0.0.1", Port = sink.Port, Tls = MailTlsSettings.Offered, RetryAfter = [TimeSpan.FromHours(1)] });
            await SendAsync(world, Plain("nobody@example.org", "refused"));
            await LeftAsync(world);
            var parked = (await world.Get<ParkedMessages>().ListAsync("mail", 10, Cancellation)).ShouldHaveSingleItem();
            parked.Reason.ShouldContain(fault == SmtpFault.Refuse ? "550 nobody of that name" : "554 no");
            parked.Tries.ShouldBe(1, "no try of it will ever succeed");
            sink.Letters.ShouldBeEmpty();

            (await world.Get<ParkedMessages>().ReplayAsync(null, "mail", Cancellation)).ShouldBe(1);
            await LeftAsync(world);
            (await world.Get<ParkedMessages>().ListAsync("mail", 10, Cancellation)).Count.ShouldBe(1, "the second fault");
            (await world.Get<ParkedMessages>().ReplayAsync(null, "mail", Cancellation)).ShouldBe(1);
            Eml.Subject((await sink.LettersAsync(1))[0]).ShouldBe("refused");
        }
    }

    [Fact]
    public async Task C23_a_letter_put_off_for_ever_is_parked_after_its_last_try()
    {
        await using var sink = new SmtpSink().Fails([.. Enumerable.Repeat(SmtpFault.PutOff, 20)]);
        await using var world = await StartAsync(mail => mail with { Host = "127.0.0.1", Port = sink.Port, Tls = MailTlsSettings.Offered, RetryAfter = [.. Enumerable.Repeat(TimeSpan.FromMilliseconds(20), 3)] });
        await SendAsync(world, Plain("anna@example.org", "later"));
        await LeftAsync(world);
        (await world.Get<ParkedMessages>().ListAsync("mail", 10, Cancellation)).ShouldHaveSingleItem().Tries.ShouldBe(4);
    }

    [Fact]
    public async Task Starttls_and_login_are_used_and_nothing_secret_is_said_in_the_open()
    {
        await using SmtpSink sink = new(tls: true, login: ("films@example.com", "geheim"));
        var trust = Path.GetTempFileName();
        await File.WriteAllTextAsync(trust, sink.Trusted, Cancellation);
        await using (var world = await StartAsync(mail => mail with { Host = "localhost", Port = sink.Port, User = "films@example.com", Password = "geheim", TrustFile = trust }))
        {
            await SendAsync(world, Plain("anna@example.org", "secret"));
            Eml.Header((await sink.LettersAsync(1))[0], "From").ShouldBe("films@example.com", "who logs in is the sender");
            sink.InTheOpen.Select(line => line.Split(' ')[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ShouldBe(["EHLO", "STARTTLS"]);
        }

        // A certificate nobody vouches for, and a server that has none, get no letter.
        await using SmtpSink open = new();
        foreach (var server in new[] { sink, open })
        {
            var before = server.Letters.Count;
            await using var world = await StartAsync(mail => mail with { Host = "localhost", Port = server.Port, User = "films@example.com", Password = "geheim" });
            await SendAsync(world, Plain("anna@example.org", "never"));
            await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
            server.Letters.Count.ShouldBe(before);
            server.InTheOpen.ShouldNotContain(line => line.StartsWith("AUTH", StringComparison.Ordinal) || line.StartsWith("MAIL", StringComparison.Ordinal));
            (await CountAsync(world, "outbox where topic = 'mail.letters'")).ShouldBe(1, "it waits");
        }

        File.Delete(trust);
    }

    [Fact]
    public async Task The_folder_is_waited_for()
    {
        await using var world = await StartAsync(mail => mail);
        var folder = Path.Combine(world.Folder, "mail");
        await File.WriteAllTextAsync(folder, "in the way", Cancellation);
        await SendAsync(world, Plain("anna@example.org", "waits"));
        await Task.Delay(300, Cancellation);
        (await CountAsync(world, "outbox where topic = 'mail.letters'")).ShouldBe(1, "what could not be handed over waits");
        File.Delete(folder);
        await LeftAsync(world);
        Directory.GetFiles(folder, "*.eml").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Letters_that_waited_in_the_old_outbox_are_sent()
    {
        await using var world = await StartAsync(mail => mail);
        var migration = $"Kindred.Accounts.Migrations.0004_letters.{(world.Get<Database>().Dialect == Dialect.Sqlite ? "sqlite" : "postgres")}.sql";
        using StreamReader reader = new(typeof(global::Kindred.Accounts.AccountsModule).Assembly.GetManifestResourceStream(migration)!);
        var sql = await reader.ReadToEndAsync(Cancellation);
        await world.Get<Database>().WriteAsync(
            async transaction =>
            {
                await transaction.Connection!.ExecuteAsync("create table outbox_mail(id text primary key, recipient text not null, subject text not null, body text not null, created_at bigint not null)", transaction: transaction);
                await transaction.Connection!.ExecuteAsync(
                    "insert into outbox_mail values (@id, 'anna@example.org', 'Old \"one\"', @body, 1700000000000)", new { id = Guid.CreateVersion7().ToString("N"), body = "Hello,\n\nlink" }, transaction);
                await transaction.Connection!.ExecuteAsync(sql, transaction: transaction);
            },
            Cancellation);
        await LeftAsync(world);
        var eml = await File.ReadAllTextAsync(Directory.GetFiles(Path.Combine(world.Folder, "mail")).ShouldHaveSingleItem(), Cancellation);
        Eml.Subject(eml).ShouldBe("Old \"one\"");
        Eml.Part(eml, "text/plain").ShouldBe("Hello,\r\n\r\nlink");
        Eml.Header(eml, "Date").ShouldBe("Tue, 14 Nov 2023 22:13:20 +0000");
    }

    private async Task<ProgramWorld> StartAsync(Func<MailSettings, MailSettings> change) => await ProgramWorld.StartAsync(
        await ConnectionStringAsync(),
        settings => settings with { Mail = change(settings.Mail with { RetryAfter = [TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50)] }) });

    private static Letter Plain(string to, string subject, string text = "x") => new(to, LetterKind.Plain) { Subject = subject, Text = text };

    private static Task SendAsync(ProgramWorld world, Letter letter) => world.Get<Database>().WriteAsync(transaction => world.Get<IMailer>().SendAsync(letter, transaction, Cancellation), Cancellation);

    private static async Task<long> CountAsync(ProgramWorld world, string what)
    {
        await using var connection = await world.Get<Database>().OpenAsync(Cancellation);
        return await connection.ExecuteScalarAsync<long>("select count(*) from " + what);
    }

    private static async Task LeftAsync(ProgramWorld world)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (await CountAsync(world, "outbox where topic like 'mail.%'") > 0)
        {
            await Task.Delay(20, patience.Token);
        }
    }
}

public sealed class SqliteMailTests : MailContract
{
    private protected override Task<string> ConnectionStringAsync() => Task.FromResult("");
}

public sealed class PostgresMailTests(PostgresCluster cluster) : MailContract
{
    private protected override async Task<string> ConnectionStringAsync()
    {
        Assert.SkipUnless(PostgresCluster.IsInstalled, "PostgreSQL 15 is not installed.");
        return await cluster.CreateDatabaseAsync();
    }
}
