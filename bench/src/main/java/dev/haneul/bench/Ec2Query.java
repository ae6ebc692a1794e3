package dev.haneul.bench;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** EC2's query API, or one like it, over one connection, its answers as text. */
final class Ec2Query {
    private final URI endpoint;
    private final LeanCall call;
    private final String service;
    private final String version;

    Ec2Query(URI endpoint, LeanCall call) {
        this(endpoint, call, "ec2", "2016-11-15");
    }

    private Ec2Query(URI endpoint, LeanCall call, String service, String version) {
        this.endpoint = endpoint;
        this.call = call;
        this.service = service;
        this.version = version;
    }

    /** Elastic Load Balancing's. */
    static Ec2Query loadBalancing(URI endpoint, LeanCall call) {
        return new Ec2Query(endpoint, call, "elasticloadbalancing", "2015-12-01");
    }

    String ask(String action, String... parameters) throws IOException {
        StringBuilder body = new StringBuilder("Action=" + action + "&Version=" + version);
        for (int i = 0; i < parameters.length; i += 2) {
            body.append('&')
                    .append(parameters[i])
                    .append('=')
                    .append(URLEncoder.encode(parameters[i + 1], StandardCharsets.UTF_8));
        }
        LeanCall.Answer answer = call.call(LeanCall.sign(
                endpoint,
                "test",
                "test",
                service,
                "application/x-www-form-urlencoded; charset=utf-8",
                "",
                body.toString()));
        String text = new String(answer.body(), StandardCharsets.UTF_8);
        if (answer.status() != 200) {
            throw new IOException(action + ": " + text);
        }
        return text;
    }

    /** Lets everybody in at a port of a security group. */
    void authorize(String group, int port) throws IOException {
        ask(
                "AuthorizeSecurityGroupIngress",
                "GroupId",
                group,
                "IpPermissions.1.IpProtocol",
                "tcp",
                "IpPermissions.1.FromPort",
                Integer.toString(port),
                "IpPermissions.1.ToPort",
                Integer.toString(port),
                "IpPermissions.1.IpRanges.1.CidrIp",
                "0.0.0.0/0");
    }

    /** The content of the first such element. */
    static String first(String text, String element) throws IOException {
        List<String> found = all(text, element);
        if (found.isEmpty()) {
            throw new IOException("no " + element + " in " + text);
        }
        return found.getFirst();
    }

    /** What an element holds within another, each time it stands there, repetitions too. */
    static List<String> each(String text, String outer, String element) {
        return Pattern.compile(
                        "<" + outer + ">.*?<" + element + ">([^<]+)</" + element + ">.*?</" + outer + ">",
                        Pattern.DOTALL)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    /** The contents of such elements, each once. */
    static List<String> all(String text, String element) {
        List<String> found = new ArrayList<>();
        Matcher matcher =
                Pattern.compile("<" + element + ">([^<]+)</" + element + ">").matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found.stream().distinct().toList();
    }
}
