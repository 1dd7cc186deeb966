<%@ page contentType="text/plain; charset=UTF-8" trimDirectiveWhitespaces="true"
    import="java.io.*,java.net.*,org.apache.log4j.Logger" %>
<%
    // What the program was told, and that it is true: the peer is asked.
    String address = System.getProperty("ELASTICSEARCH_SERVER_URL");
    String host = address.contains(":") ? "[" + address + "]" : address;
    String answer;
    URLConnection c = new URL("http://" + host + ":9200/").openConnection();
    c.setConnectTimeout(3000);
    c.setReadTimeout(3000);
    try (BufferedReader in = new BufferedReader(new InputStreamReader(c.getInputStream(), "UTF-8"))) {
        answer = in.readLine();
    } catch (IOException e) {
        answer = e.toString();
    }
%>search address: <%= address %>
search answers: <%= answer %>
log level: <%= Logger.getRootLogger().getLevel() %>
